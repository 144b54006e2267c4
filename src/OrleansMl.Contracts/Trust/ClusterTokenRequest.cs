namespace OrleansMl.Contracts.Trust;

/// <summary>The HTTP ask for a token with which an Orleans client calls grains. A token never permits more than its caller may.</summary>
public sealed record ClusterTokenRequest
{
    /// <summary>The roles wanted. Default: all that the caller may.</summary>
    public IReadOnlyList<AccessRole>? Roles { get; init; }

    /// <summary>The models wanted, <c>*</c> for any characters. Default: all that the caller may touch.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Seconds for which it is valid, 30 to the cluster's <c>ClusterTokens:LifetimeSeconds</c>. Default: that.</summary>
    public double? LifetimeSeconds { get; init; }
}
