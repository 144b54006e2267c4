namespace OrleansMl.Gateway.Trust.Jwt;

/// <summary>Tokens of identity providers (JWT), taken beside API keys as <c>Authorization: Bearer TOKEN</c>. Section <c>Security:Jwt</c>.</summary>
public sealed class JwtOptions
{
    /// <summary>The issuers whose tokens are taken, by a name of yours, which stands before the subject in histories and the audit log. Default: none.</summary>
    public IDictionary<string, JwtIssuerOptions> Issuers { get; set; } =
        new Dictionary<string, JwtIssuerOptions>();

    /// <summary>Seconds by which an issuer's clock may differ. 0 to 300.</summary>
    /// <value>The default is 60.</value>
    public double ClockSkewSeconds { get; set; } = 60;

    /// <summary>Seconds between readings of an issuer's keys: how long a token lives on whose key was removed there. 5 to 86,400.</summary>
    /// <value>The default is 300.</value>
    public double RefreshSeconds { get; set; } = 300;

    /// <summary>The least seconds between readings that a token with an unknown key asks for: strangers' tokens must not make us call the issuer all the time. 1 to 3,600.</summary>
    /// <value>The default is 10.</value>
    public double RetrySeconds { get; set; } = 10;

    /// <summary>Seconds for which keys that can't be read again are still believed; after that the issuer's tokens get 503. More than <see cref="RefreshSeconds"/>, at most 604,800.</summary>
    /// <value>The default is 3,600.</value>
    public double StaleSeconds { get; set; } = 3600;

    /// <summary>Seconds that a reading of an issuer's keys may take. 1 to 60.</summary>
    /// <value>The default is 10.</value>
    public double TimeoutSeconds { get; set; } = 10;

    /// <summary>Good tokens whose signature need not be checked again, each some 500 bytes. 1 to 1,000,000.</summary>
    /// <value>The default is 10,000.</value>
    public int CachedTokens { get; set; } = 10_000;

    /// <summary>What is wrong with these values.</summary>
    internal IEnumerable<string> Problems()
    {
        if (ClockSkewSeconds is not (>= 0 and <= 300))
            yield return $"{nameof(ClockSkewSeconds)}: expected 0 to 300, got {ClockSkewSeconds}.";
        if (RefreshSeconds is not (>= 5 and <= 86_400))
            yield return $"{nameof(RefreshSeconds)}: expected 5 to 86400, got {RefreshSeconds}.";
        if (RetrySeconds is not (>= 1 and <= 3600))
            yield return $"{nameof(RetrySeconds)}: expected 1 to 3600, got {RetrySeconds}.";
        if (StaleSeconds is not (> 0 and <= 604_800) || StaleSeconds <= RefreshSeconds)
            yield return $"{nameof(StaleSeconds)}: expected more than {nameof(RefreshSeconds)} ({RefreshSeconds}) and at most 604800, got {StaleSeconds}.";
        if (TimeoutSeconds is not (>= 1 and <= 60))
            yield return $"{nameof(TimeoutSeconds)}: expected 1 to 60, got {TimeoutSeconds}.";
        if (CachedTokens is < 1 or > 1_000_000)
            yield return $"{nameof(CachedTokens)}: expected 1 to 1000000, got {CachedTokens}.";
        foreach (var (name, issuer) in Issuers)
        foreach (var problem in issuer.Problems(name))
            yield return $"{nameof(Issuers)}:{name}:{problem}";
        foreach (
            var twice in Issuers
                .GroupBy(issuer => issuer.Value.IssuerName, StringComparer.Ordinal)
                .Where(group => group.Key.Length > 0 && group.Count() > 1)
        )
            yield return $"{nameof(Issuers)}: expected each issuer once, got '{twice.Key}' as {string.Join(" and ", twice.Select(issuer => issuer.Key))}.";
    }
}
