using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>What a cluster token says.</summary>
public sealed record ClusterTokenClaims
{
    /// <summary>The cluster that it is for.</summary>
    public required string Cluster { get; init; }

    /// <summary>The key that signed it.</summary>
    public required string Key { get; init; }

    /// <summary>Whom the audit log names.</summary>
    public required string Subject { get; init; }

    /// <summary>The id of the API key that it was issued to: it ends with that key. Null: none of the ring.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What it permits.</summary>
    public required Permission Permissions { get; init; }

    /// <summary>The models that it may touch.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>When it was issued, milliseconds since 1970.</summary>
    public required long IssuedMs { get; init; }

    /// <summary>When it expires, milliseconds since 1970.</summary>
    public required long ExpiresMs { get; init; }
}
