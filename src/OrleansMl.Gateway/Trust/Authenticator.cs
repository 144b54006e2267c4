using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust.Jwt;

namespace OrleansMl.Gateway.Trust;

/// <summary>Finds who asks. Reads memory alone: the keys are this silo's copy.</summary>
internal sealed class Authenticator(
    ConfiguredKeys configured,
    KeyRing ring,
    LimitRegistry limits,
    JwtAuthenticator tokens,
    TimeProvider time,
    IOptions<SecurityOptions> options
)
{
    private const string KeyHeader = "X-Api-Key";
    private const string BearerPrefix = "Bearer ";
    private readonly bool _required = options.Value.IsConfigured();

    /// <summary>The caller.</summary>
    /// <param name="context">The request.</param>
    /// <param name="token">Where null is answered: a token that must be checked by <see cref="ValidateAsync"/>.</param>
    /// <exception cref="RequestException">No credentials, or wrong ones: 401; or a page of another site: 403.</exception>
    /// <exception cref="UnavailableException">The keys can't be read.</exception>
    public Caller? Authenticate(HttpContext context, out string? token)
    {
        token = null;
        var key = ReadKey(context.Request);
        if (key is not null)
        {
            if (!tokens.Takes(key))
                return Find(key);
            if (FindConfigured(key) is { } configured)
                return configured;
            token = key;
            return tokens.Recall(key);
        }
        if (
            context.GetEndpoint()?.Metadata.GetMetadata<ISessionReader>()?.Read(context) is
            { } session
        )
            return Find(session);
        if (_required)
            throw RequestException.Unauthorized(
                $"A key is needed: send it as '{HeaderNames.Authorization}: Bearer KEY' or '{KeyHeader}: KEY'."
            );
        Loopback.Require(context);
        return Caller.Local;
    }

    /// <summary>Whether callers must say who they are.</summary>
    public bool IsRequired => _required;

    /// <summary>The caller whom a token of an issuer names.</summary>
    /// <exception cref="RequestException">The token is not good: 401.</exception>
    /// <exception cref="UnavailableException">The issuer's keys can't be read.</exception>
    public Task<Caller> ValidateAsync(string token, CancellationToken cancellationToken) =>
        tokens.ValidateAsync(token, cancellationToken);

    private Caller? FindConfigured(string key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        ApiKeyText.Hash(key, digest);
        return configured.Find(digest);
    }

    private Caller Find(string key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        ApiKeyText.Hash(key, digest);
        return Find(digest);
    }

    /// <summary>Who holds the key with this SHA-256, as of now: a revoked or expired key has no holder.</summary>
    /// <exception cref="RequestException">No such key, or no longer: 401.</exception>
    /// <exception cref="UnavailableException">The keys can't be read.</exception>
    public Caller Find(ReadOnlySpan<byte> digest)
    {
        if (configured.Find(digest) is { } known)
            return known;
        var entry = ring.Find(digest);
        if (ring.IsStale)
            throw new UnavailableException(
                "This silo can't read the cluster's API keys, so that it can't tell whether the key still holds; try again, or another silo."
            );
        if (entry is null)
            throw RequestException.BadToken("The key is not known here.");
        var of = entry.Key;
        if (of.RevokedAt is { } revoked)
            throw RequestException.BadToken(
                $"Key '{of.Name}' ({of.Id}) was revoked at {revoked:O}."
            );
        if (entry.Until is { } until && until <= time.GetUtcNow())
            throw RequestException.BadToken(
                of.ExpiresAt == until
                    ? $"Key '{of.Name}' ({of.Id}) expired at {until:O}."
                    : $"This secret of key '{of.Name}' ({of.Id}) was replaced, and taken until {until:O}: use the new one."
            );
        if (entry.Tag is Caller caller)
            return caller;
        caller = new Caller(of.Name, entry.Permissions, entry.Models, of.Id)
        {
            Limits = limits.OfKey(of.Id, of.Limits, entry.Revision),
        };
        entry.Tag = caller;
        return caller;
    }

    private static string? ReadKey(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
            return authorization[BearerPrefix.Length..].Trim();
        var key = request.Headers[KeyHeader].ToString();
        return key.Length > 0 ? key : null;
    }
}
