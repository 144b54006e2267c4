namespace OrleansMl.Contracts.Trust;

/// <summary>A token for grain calls.</summary>
public sealed record ClusterTokenAnswer
{
    /// <summary>The token; a secret while it is valid.</summary>
    public required string Token { get; init; }

    /// <summary>Whom the audit log names.</summary>
    public required string Subject { get; init; }

    /// <summary>What it permits, for example <c>read, predict</c>.</summary>
    public required string Permissions { get; init; }

    /// <summary>The models that it may touch.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>When it expires, by the cluster's clock.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Seconds from now until it expires, for callers whose clock differs.</summary>
    public required double ExpiresInSeconds { get; init; }
}
