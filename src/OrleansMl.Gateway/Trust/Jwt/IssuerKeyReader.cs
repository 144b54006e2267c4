using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace OrleansMl.Gateway.Trust.Jwt;

/// <summary>
/// Reads an issuer's keys, from the addresses that the configuration names alone: nothing in a token leads to a request. No
/// redirect is followed, and no answer of more than a megabyte is read.
/// </summary>
internal sealed class IssuerKeyReader : IDisposable
{
    private const int MaxBytes = 1 << 20;
    private const int MaxKeys = 100;
    private const int MinRsaBits = 2048;
    private readonly HttpClient _http;

    public IssuerKeyReader(TimeSpan timeout) =>
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            }
        )
        {
            Timeout = timeout,
            MaxResponseContentBufferSize = MaxBytes,
        };

    /// <summary>The key set's text.</summary>
    /// <exception cref="InvalidDataException">What was read is wrong; the message says how.</exception>
    /// <exception cref="HttpRequestException">The issuer did not answer well.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public async Task<string> ReadAsync(
        JwtIssuerOptions issuer,
        CancellationToken cancellationToken
    )
    {
        if (issuer.KeysFile is { Length: > 0 } file)
        {
            var info = new FileInfo(file);
            return info.Length <= MaxBytes
                ? await File.ReadAllTextAsync(file, cancellationToken)
                : throw new InvalidDataException(
                    $"'{file}' has {info.Length} bytes, the most are {MaxBytes}."
                );
        }
        var discovery = $"{issuer.Authority!.TrimEnd('/')}/.well-known/openid-configuration";
        using var document = Parse(await _http.GetStringAsync(discovery, cancellationToken));
        var named = Text(document.RootElement, "issuer");
        if (named != issuer.IssuerName)
            throw new InvalidDataException(
                $"{discovery} is about the issuer '{named}', expected '{issuer.IssuerName}'."
            );
        var address = Text(document.RootElement, "jwks_uri");
        if (!JwtIssuerOptions.IsTrusted(address))
            throw new InvalidDataException(
                $"{discovery}: jwks_uri: expected an https address, or http on loopback, got '{address}'."
            );
        if (!IsLoopback(issuer.Authority) && IsLoopback(address))
            throw new InvalidDataException(
                $"{discovery}: jwks_uri: expected an address outside this machine, got '{address}'."
            );
        return await _http.GetStringAsync(address, cancellationToken);
    }

    /// <summary>The keys that can be used of a key set's text.</summary>
    /// <exception cref="InvalidDataException">There is none, or the text is no key set.</exception>
    public static IReadOnlyList<JsonWebKey> Read(string text)
    {
        JsonWebKeySet set;
        try
        {
            set = new JsonWebKeySet(text) { SkipUnresolvedJsonWebKeys = true };
        }
        catch (Exception error) when (error is ArgumentException or JsonException)
        {
            throw new InvalidDataException(
                $"The keys are no JSON Web Key Set: {error.Message}",
                error
            );
        }
        var keys = set.Keys.Take(MaxKeys).Where(IsUsable).ToList();
        return keys.Count > 0
            ? keys
            : throw new InvalidDataException(
                $"None of the {set.Keys.Count} keys can be used: expected RSA keys of {MinRsaBits} bits or more, or EC keys, for signatures."
            );
    }

    public void Dispose() => _http.Dispose();

    // A shared secret among them (kty oct) would make whoever can read it an issuer.
    private static bool IsUsable(JsonWebKey key) =>
        key.Use is null or "" or "sig"
        && (
            (key.Kty == JsonWebAlgorithmsKeyTypes.RSA && key.KeySize >= MinRsaBits)
            || key
                is {
                    Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve,
                    Crv: "P-256" or "P-384" or "P-521"
                }
        );

    private static bool IsLoopback(string address) => new Uri(address).IsLoopback;

    private static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"The issuer's description is no JSON: {error.Message}",
                error
            );
        }
    }

    private static string Text(JsonElement document, string name) =>
        document.ValueKind == JsonValueKind.Object
        && document.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new InvalidDataException($"The issuer's description has no text '{name}'.");
}
