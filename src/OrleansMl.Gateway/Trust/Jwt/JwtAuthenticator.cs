using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust.Jwt;

/// <summary>
/// Finds who asks by a token of a configured issuer. Good tokens are remembered by their digest until they expire or their
/// issuer's keys change, so that most requests cost one look-up. Thread-safe.
/// </summary>
internal sealed class JwtAuthenticator : IDisposable
{
    /// <summary>The longest token.</summary>
    public const int MaxLength = 16 * 1024;

    private readonly IssuerKeyReader _reader;
    private readonly FrozenDictionary<string, JwtIssuer> _issuers;
    private readonly ConcurrentDictionary<TokenDigest, Remembered> _good = new();
    private readonly TimeProvider _time;
    private readonly int _limit;
    private readonly TimeSpan _skew;

    public JwtAuthenticator(
        IOptions<SecurityOptions> security,
        LimitRegistry limits,
        TimeProvider time,
        ILogger<JwtIssuer> logger
    )
    {
        var options = security.Value.Jwt;
        _time = time;
        _limit = options.CachedTokens;
        _skew = TimeSpan.FromSeconds(options.ClockSkewSeconds);
        _reader = new IssuerKeyReader(TimeSpan.FromSeconds(options.TimeoutSeconds));
        _issuers = options
            .Issuers.Select(issuer => new JwtIssuer(
                issuer.Key,
                issuer.Value,
                options,
                _reader,
                limits,
                time,
                logger
            ))
            .ToFrozenDictionary(issuer => issuer.Issuer, StringComparer.Ordinal);
    }

    /// <summary>The issuers.</summary>
    public IReadOnlyCollection<JwtIssuer> Issuers => _issuers.Values;

    /// <summary>Whether a bearer's text is for this to judge: three parts, as a signed token has, where an issuer is configured.</summary>
    public bool Takes(ReadOnlySpan<char> text) => _issuers.Count > 0 && text.Count('.') == 2;

    /// <summary>The caller of a token that was found good before; null: it must be checked.</summary>
    public Caller? Recall(string token)
    {
        var digest = TokenDigest.Of(token);
        if (!_good.TryGetValue(digest, out var known))
            return null;
        if (
            known.Until + _skew > _time.GetUtcNow()
            && !known.Issuer.IsStale
            && known.Issuer.Keys?.Generation == known.Generation
        )
            return known.Caller;
        _good.TryRemove(digest, out _);
        return null;
    }

    /// <summary>The caller whom a token names.</summary>
    /// <exception cref="RequestException">The token is not good: 401; the message says why.</exception>
    /// <exception cref="UnavailableException">The issuer's keys can't be read.</exception>
    public async Task<Caller> ValidateAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Length > MaxLength)
            throw RequestException.BadToken(
                $"The token has {text.Length} characters, the most are {MaxLength}."
            );
        JsonWebToken token;
        try
        {
            token = new JsonWebToken(text);
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException)
        {
            throw RequestException.BadToken("The token can't be read.");
        }
        // What is not signed yet only chooses among the configured issuers.
        if (!_issuers.TryGetValue(token.Issuer, out var issuer))
            throw RequestException.BadToken(
                "The token's issuer (iss) is none of those that are configured here."
            );
        var (caller, until, generation) = await issuer.ValidateAsync(token, cancellationToken);
        if (_good.Count >= _limit)
            _good.Clear();
        _good[TokenDigest.Of(text)] = new Remembered(issuer, caller, until, generation);
        return caller;
    }

    public void Dispose()
    {
        foreach (var issuer in _issuers.Values)
            issuer.Dispose();
        _reader.Dispose();
    }

    private sealed record Remembered(
        JwtIssuer Issuer,
        Caller Caller,
        DateTimeOffset Until,
        int Generation
    );

    private readonly record struct TokenDigest(UInt128 High, UInt128 Low)
    {
        public static TokenDigest Of(string token)
        {
            Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
            var most = Encoding.UTF8.GetMaxByteCount(token.Length);
            var text = most <= 4096 ? stackalloc byte[4096] : new byte[most];
            SHA256.HashData(text[..Encoding.UTF8.GetBytes(token, text)], bytes);
            return new TokenDigest(
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes),
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[16..])
            );
        }
    }
}
