using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>
/// Issues and checks the tokens of Orleans clients: <c>omlt_</c>, claims as JSON, <c>.</c>, their ES256 signature. The algorithm
/// is not the token's to choose. Good tokens are remembered, so that a call costs a look-up; whatever may end one is looked at
/// each time. Thread-safe.
/// </summary>
public sealed class ClusterTokens(
    ClusterKeyRing keys,
    KeyRing apiKeys,
    TimeProvider time,
    IOptions<ClusterTokenOptions> options
)
{
    /// <summary>The shortest lifetime that may be asked for, in seconds.</summary>
    public const double MinLifetimeSeconds = 30;

    private const string Prefix = "omlt_";

    // Signed before the claims: a signature of these keys for anything else is none of a token.
    private const string Purpose = "oml-cluster-token-1.";

    // A hundred model patterns of a hundred characters fit.
    private const int MaxLength = 24_000;
    private readonly ConcurrentDictionary<string, VerifiedToken> _good = new();

    /// <summary>Signs a token. <see cref="ClusterTokenClaims.Key"/> and the times are set here.</summary>
    /// <exception cref="UnavailableException">The keys were not read yet.</exception>
    public (string Token, ClusterTokenClaims Claims) Issue(
        ClusterTokenClaims claims,
        TimeSpan lifetime
    )
    {
        ArgumentNullException.ThrowIfNull(claims);
        var key =
            keys.Active
            ?? throw new UnavailableException(
                "This silo has not read the cluster's keys yet; try again, or another silo."
            );
        var now = time.GetUtcNow();
        claims = claims with
        {
            Key = key.Id,
            IssuedMs = now.ToUnixTimeMilliseconds(),
            ExpiresMs = (now + lifetime).ToUnixTimeMilliseconds(),
        };
        var body = Base64Url.EncodeToString(
            JsonSerializer.SerializeToUtf8Bytes(claims, ContractsJson.Options)
        );
        var signature = Base64Url.EncodeToString(key.Sign(Signed(body)));
        return ($"{Prefix}{body}.{signature}", claims);
    }

    /// <summary>The token's claims.</summary>
    /// <param name="token">What the client showed.</param>
    /// <param name="cluster">The cluster that it must be for.</param>
    /// <exception cref="AccessRefusedException">It is none of ours, altered, expired, or its API key was revoked; the message says which.</exception>
    public VerifiedToken Verify(string token, string cluster)
    {
        ArgumentNullException.ThrowIfNull(token);
        var generation = keys.Generation;
        if (!_good.TryGetValue(token, out var good) || good.Generation != generation)
        {
            good = new VerifiedToken(Check(token, cluster), generation);
            if (_good.Count >= options.Value.CachedTokens)
                _good.Clear();
            _good[token] = good;
        }
        var claims = good.Claims;
        var skew = options.Value.ClockSkewSeconds * 1000;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (now >= claims.ExpiresMs + skew)
        {
            _good.TryRemove(token, out _);
            throw new AccessRefusedException(
                $"The token of '{claims.Subject}' expired at {DateTimeOffset.FromUnixTimeMilliseconds(claims.ExpiresMs):O}: ask for another by POST /api/v1/cluster-tokens."
            );
        }
        if (now < claims.IssuedMs - skew)
            throw new AccessRefusedException(
                $"The token of '{claims.Subject}' is valid from {DateTimeOffset.FromUnixTimeMilliseconds(claims.IssuedMs):O} on: compare the silos' clocks."
            );
        if (claims.ApiKey is { } apiKey && apiKeys.IsRevoked(apiKey))
            throw new AccessRefusedException(
                $"The API key '{claims.Subject}' ({apiKey}), to which the token was issued, was revoked."
            );
        return good;
    }

    private ClusterTokenClaims Check(string token, string cluster)
    {
        var dot = token.LastIndexOf('.');
        if (
            token.Length > MaxLength
            || !token.StartsWith(Prefix, StringComparison.Ordinal)
            || dot < Prefix.Length
        )
            throw new AccessRefusedException(
                "The token is none of this cluster: ask for one by POST /api/v1/cluster-tokens."
            );
        var body = token[Prefix.Length..dot];
        ClusterTokenClaims? claims;
        byte[] signature;
        try
        {
            signature = Base64Url.DecodeFromChars(token.AsSpan(dot + 1));
            claims = JsonSerializer.Deserialize<ClusterTokenClaims>(
                Base64Url.DecodeFromChars(body),
                ContractsJson.Options
            );
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw new AccessRefusedException("The token can't be read.", error);
        }
        if (claims is null)
            throw new AccessRefusedException("The token can't be read.");
        var key =
            keys.Find(claims.Key)
            ?? throw new AccessRefusedException(
                "The key that signed the token is no longer the cluster's: ask for another token by POST /api/v1/cluster-tokens."
            );
        if (!key.Verify(Signed(body), signature))
            throw new AccessRefusedException("The token's signature is wrong.");
        return claims.Cluster == cluster
            ? claims
            : throw new AccessRefusedException(
                $"The token is for the cluster '{claims.Cluster}', this is '{cluster}'."
            );
    }

    private static byte[] Signed(string body) => Encoding.ASCII.GetBytes(Purpose + body);
}
