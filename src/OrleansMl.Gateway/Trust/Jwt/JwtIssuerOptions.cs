using System.Net;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Gateway.Trust.Jwt;

/// <summary>An issuer of tokens: where its keys are, what its tokens must say, and what they permit.</summary>
public sealed class JwtIssuerOptions
{
    /// <summary>The algorithms that can be allowed: signatures by a private key. Never <c>none</c>, and never HMAC, where who can check can sign.</summary>
    internal static readonly string[] Known =
    [
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
    ];

    /// <summary>Address of the identity provider; its keys are found by <c>/.well-known/openid-configuration</c> below it. https, or http on loopback. Either this or <see cref="KeysFile"/>.</summary>
    public string? Authority { get; set; }

    /// <summary>File with the issuer's public keys as a JSON Web Key Set; read again like an address. Default: none.</summary>
    public string? KeysFile { get; set; }

    /// <summary>What the claim <c>iss</c> must be. Default: <see cref="Authority"/>.</summary>
    public string? Issuer { get; set; }

    /// <summary>What the claim <c>aud</c> must name, one of them. Needed: without it a token for another service would open this one.</summary>
    public IList<string> Audiences { get; set; } = [];

    /// <summary>Algorithms that are taken, of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512.</summary>
    /// <value>The default is RS256, PS256 and ES256.</value>
    public IList<string> Algorithms { get; set; } = ["RS256", "PS256", "ES256"];

    /// <summary>The claim that names who asks.</summary>
    /// <value>The default is sub.</value>
    public string NameClaim { get; set; } = "sub";

    /// <summary>The claim with the roles: a list, or a text with blanks between. Dots go into objects (<c>realm_access.roles</c>).</summary>
    /// <value>The default is roles.</value>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Which values of the claim give which role (<c>ml-team: trainer</c>). Default: the values are the roles' names.</summary>
    public IDictionary<string, string> Roles { get; set; } = new Dictionary<string, string>();

    /// <summary>The claim with the models that the token may touch, <c>*</c> for any characters; a token without it may touch none. Default: no claim, <see cref="Models"/> holds for all.</summary>
    public string? ModelsClaim { get; set; }

    /// <summary>The models that this issuer's tokens may touch at most.</summary>
    /// <value>The default is all.</value>
    public IList<string> Models { get; set; } = ["*"];

    /// <summary>What <c>iss</c> must be.</summary>
    internal string IssuerName => Issuer ?? Authority ?? "";

    /// <summary>What is wrong with these values.</summary>
    internal IEnumerable<string> Problems(string name)
    {
        if (!ResourceName.IsValid(name))
            yield return $"expected a name of lower-case letters, digits, '.', '_' and '-', got '{name}'.";
        if (string.IsNullOrEmpty(Authority) == string.IsNullOrEmpty(KeysFile))
            yield return $"{nameof(Authority)}: expected either it or {nameof(KeysFile)}, got {(string.IsNullOrEmpty(Authority) ? "none" : "both")}.";
        if (!string.IsNullOrEmpty(Authority) && !IsTrusted(Authority))
            yield return $"{nameof(Authority)}: expected an https address, or http on loopback, got '{Authority}'.";
        if (IssuerName.Length == 0)
            yield return $"{nameof(Issuer)}: expected what the claim iss is, got none.";
        if (Audiences.Count == 0 || Audiences.Any(string.IsNullOrWhiteSpace))
            yield return $"{nameof(Audiences)}: expected one or more, got '{string.Join(", ", Audiences)}'.";
        foreach (var algorithm in Algorithms.Where(algorithm => !Known.Contains(algorithm)))
            yield return $"{nameof(Algorithms)}: expected {string.Join(", ", Known)}, got '{algorithm}'.";
        if (Algorithms.Count == 0)
            yield return $"{nameof(Algorithms)}: expected one or more of {string.Join(", ", Known)}, got none.";
        if (string.IsNullOrEmpty(NameClaim))
            yield return $"{nameof(NameClaim)}: expected a claim, got none.";
        if (string.IsNullOrEmpty(RoleClaim))
            yield return $"{nameof(RoleClaim)}: expected a claim, got none.";
        foreach (var (value, role) in Roles.Where(role => ReadRole(role.Value) is null))
            yield return $"{nameof(Roles)}:{value}: expected {string.Join(", ", Enum.GetNames<AccessRole>()).ToLowerInvariant()}, got '{role}'.";
        foreach (var problem in ModelPatterns.Problems([.. Models]))
            yield return $"{nameof(Models)}: {problem}";
    }

    /// <summary>A role by its name.</summary>
    internal static AccessRole? ReadRole(string text) =>
        Enum.TryParse<AccessRole>(text, ignoreCase: true, out var role)
        && Enum.IsDefined(role)
        && !char.IsAsciiDigit(text[0])
            ? role
            : null;

    /// <summary>Whether keys may be read from this address: nobody on the way can change them.</summary>
    internal static bool IsTrusted(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.UserInfo.Length == 0
        && (
            uri.Scheme == Uri.UriSchemeHttps
            || (
                uri.Scheme == Uri.UriSchemeHttp
                && (
                    string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase)
                    || (
                        IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip)
                        && IPAddress.IsLoopback(ip)
                    )
                )
            )
        );
}
