using Microsoft.IdentityModel.Tokens;

namespace OrleansMl.Gateway.Trust.Jwt;

/// <summary>An issuer's keys at one moment. Immutable.</summary>
/// <param name="Keys">Those that can be used: public keys for signatures, long enough.</param>
/// <param name="ReadAt">When they were asked for, a timestamp of the clock.</param>
/// <param name="Generation">Grows when they are others than before.</param>
/// <param name="Text">What they were read from.</param>
internal sealed record IssuerKeySet(
    IReadOnlyList<JsonWebKey> Keys,
    long ReadAt,
    int Generation,
    string Text
)
{
    /// <summary>The keys that a token with this key id may be signed by: those of the id; without an id, those without one.</summary>
    public IEnumerable<JsonWebKey> For(string? id) =>
        string.IsNullOrEmpty(id)
            ? Keys.Count == 1
                ? Keys
                : Keys.Where(key => string.IsNullOrEmpty(key.Kid))
            : Keys.Where(key => key.Kid == id);
}
