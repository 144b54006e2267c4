using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust.Jwt;

/// <summary>One issuer: its keys, and the check of its tokens. Thread-safe.</summary>
internal sealed partial class JwtIssuer(
    string name,
    JwtIssuerOptions options,
    JwtOptions all,
    IssuerKeyReader reader,
    LimitRegistry limits,
    TimeProvider time,
    ILogger<JwtIssuer> logger
) : IDisposable
{
    private const int MaxName = 200;
    private static readonly JsonWebTokenHandler Handler = new()
    {
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = JwtAuthenticator.MaxLength,
    };

    private readonly SemaphoreSlim _reading = new(1, 1);
    private IssuerKeySet? _keys;
    private long _triedAt;
    private bool _tried;

    /// <summary>What <c>iss</c> must be.</summary>
    public string Issuer => options.IssuerName;

    /// <summary>The keys as last read; null before that.</summary>
    public IssuerKeySet? Keys => Volatile.Read(ref _keys);

    /// <summary>Whether the keys are too old to be believed, or there are none.</summary>
    public bool IsStale =>
        Keys is not { } keys
        || time.GetElapsedTime(keys.ReadAt) > TimeSpan.FromSeconds(all.StaleSeconds);

    /// <summary>Reads the keys; a failure is logged, and the keys stay as they are.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The caller whom a token names.</summary>
    /// <exception cref="RequestException">The token is not good: 401.</exception>
    /// <exception cref="UnavailableException">The issuer's keys can't be read.</exception>
    public async Task<(Caller Caller, DateTimeOffset Until, int Generation)> ValidateAsync(
        JsonWebToken token,
        CancellationToken cancellationToken
    )
    {
        CheckHead(token);
        var keys = Keys;
        if (IsStale || !keys!.For(token.Kid).Any())
        {
            await RetryAsync(cancellationToken);
            keys = Keys;
        }
        if (keys is null || IsStale)
            throw new UnavailableException(
                $"The keys of issuer '{name}' can't be read, so that its tokens can't be checked; try again, or use an API key."
            );
        SecurityKey[] candidates = [.. keys.For(token.Kid)];
        if (candidates.Length == 0)
            throw RequestException.BadToken(
                $"The token is signed by key '{token.Kid}', which issuer '{name}' does not publish."
            );
        var result = await Handler.ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                RequireAudience = true,
                ValidateIssuer = true,
                ValidIssuer = options.IssuerName,
                ValidateAudience = true,
                ValidAudiences = options.Audiences,
                ValidAlgorithms = options.Algorithms,
                IssuerSigningKeys = candidates,
                TryAllIssuerSigningKeys = true,
                // The clock is the silo's, which tests set.
                ValidateLifetime = true,
                LifetimeValidator = (from, until, _, _) => IsAlive(from, until),
            }
        );
        if (!result.IsValid)
            throw RequestException.BadToken(Describe(token, result.Exception));
        using var claims = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        return (
            Read(claims.RootElement),
            new DateTimeOffset(token.ValidTo, TimeSpan.Zero),
            keys.Generation
        );
    }

    public void Dispose() => _reading.Dispose();

    private static void CheckHead(JsonWebToken token)
    {
        using var head = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedHeader));
        if (head.RootElement.TryGetProperty("crit", out _))
            throw RequestException.BadToken(
                "The token's header has 'crit', which names extensions that must be understood; none is."
            );
        // Other kinds of tokens are signed by the same keys: a logout or a proof of possession is no access.
        if (
            token.Typ is { Length: > 0 } type
            && !type.Equals("JWT", StringComparison.OrdinalIgnoreCase)
            && !type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase)
            && !type.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase)
        )
            throw RequestException.BadToken(
                $"The token's type is '{type}': expected JWT or at+jwt."
            );
    }

    private bool IsAlive(DateTime? from, DateTime? until)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var skew = TimeSpan.FromSeconds(all.ClockSkewSeconds);
        return until is { } end && now < end + skew && !(from > now + skew);
    }

    private string Describe(JsonWebToken token, Exception? error) =>
        error switch
        {
            SecurityTokenInvalidAlgorithmException =>
                $"The token is signed by '{token.Alg}': issuer '{name}' takes {string.Join(", ", options.Algorithms)}.",
            SecurityTokenInvalidAudienceException =>
                $"The token is for '{string.Join(", ", token.Audiences)}', expected {string.Join(" or ", options.Audiences)}.",
            SecurityTokenNoExpirationException
            or SecurityTokenInvalidLifetimeException when token.ValidTo == default =>
                "The token has no expiry (exp).",
            SecurityTokenInvalidLifetimeException => token.ValidTo <= time.GetUtcNow().UtcDateTime
                ? $"The token expired at {token.ValidTo:O}."
                : $"The token is valid from {token.ValidFrom:O} on.",
            SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException =>
                "The token's signature is wrong.",
            _ => $"The token is not good ({error?.GetType().Name}).",
        };

    private Caller Read(JsonElement claims)
    {
        var subject = Texts(claims, options.NameClaim).FirstOrDefault();
        if (string.IsNullOrEmpty(subject))
            throw RequestException.BadToken(
                $"The token has no text '{options.NameClaim}', which names who asks."
            );
        var roles = Texts(claims, options.RoleClaim)
            .SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(value =>
                options.Roles.Count == 0 ? JwtIssuerOptions.ReadRole(value)
                : options.Roles.TryGetValue(value, out var role) ? JwtIssuerOptions.ReadRole(role)
                : null
            )
            .OfType<AccessRole>();
        return new Caller($"{name}/{Printable(subject)}", RolePermissions.Of(roles), Models(claims))
        {
            Limits = limits.OfToken(name, subject),
        };
    }

    private ModelPatterns Models(JsonElement claims)
    {
        var most = new ModelPatterns(options.Models);
        if (string.IsNullOrEmpty(options.ModelsClaim))
            return most;
        var asked = Texts(claims, options.ModelsClaim)
            .SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        // A pattern beyond what the issuer may give, or none at all, gives nothing.
        return new ModelPatterns(
            asked
                .Take(ModelPatterns.MaxCount)
                .Where(pattern => ModelPatterns.Problems([pattern]).All(_ => false))
                .Where(most.Include)
        );
    }

    // A claim by its name, or by a path through objects.
    private static IEnumerable<string> Texts(JsonElement claims, string path)
    {
        var value = claims;
        if (claims.TryGetProperty(path, out var whole))
        {
            value = whole;
        }
        else
        {
            foreach (var part in path.Split('.'))
            {
                if (
                    value.ValueKind != JsonValueKind.Object
                    || !value.TryGetProperty(part, out value)
                )
                    return [];
            }
        }
        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array =>
            [
                .. value
                    .EnumerateArray()
                    .Where(item => item.ValueKind == JsonValueKind.String)
                    .Select(item => item.GetString()!),
            ],
            _ => [],
        };
    }

    private static string Printable(string text) =>
        string.Concat(text.Take(MaxName).Select(c => char.IsControl(c) ? '?' : c));

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        var before = Keys;
        await _reading.WaitAsync(cancellationToken);
        try
        {
            // Who waited for another's reading takes that one's.
            if (
                Keys == before
                && (
                    !_tried
                    || time.GetElapsedTime(_triedAt) >= TimeSpan.FromSeconds(all.RetrySeconds)
                )
            )
                await ReadAsync(cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        (_triedAt, _tried) = (asked, true);
        try
        {
            var text = await reader.ReadAsync(options, cancellationToken);
            var before = Keys;
            Volatile.Write(
                ref _keys,
                before is not null && before.Text == text
                    ? before with
                    {
                        ReadAt = asked,
                    }
                    : new IssuerKeySet(
                        IssuerKeyReader.Read(text),
                        asked,
                        (before?.Generation ?? 0) + 1,
                        text
                    )
            );
            if (before?.Text != text)
                LogRead(logger, name, Keys!.Keys.Count);
        }
        catch (Exception error)
            when (error
                    is HttpRequestException
                        or InvalidDataException
                        or IOException
                        or UnauthorizedAccessException
                || (
                    error is OperationCanceledException
                    && !cancellationToken.IsCancellationRequested
                )
            )
        {
            LogFailed(logger, name, error);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Issuer {Name} has {Count} keys that can be used."
    )]
    private static partial void LogRead(ILogger logger, string name, int count);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The keys of issuer {Name} could not be read; those known go on while they are young enough."
    )]
    private static partial void LogFailed(ILogger logger, string name, Exception error);
}
