using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Contracts.Trust;

/// <summary>A change of one key, as the gateway hands it to the cluster: the secret itself stays at the gateway.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ApiKeyChange")]
public sealed record ApiKeyChange
{
    /// <summary>Chosen by the caller: a repetition changes nothing.</summary>
    [Id(0)]
    public required string CommandId { get; init; }

    /// <summary>The key's id.</summary>
    [Id(1)]
    public required string Id { get; init; }

    /// <summary>SHA-256 of the key text that the change makes; empty for a revocation.</summary>
    [Id(2)]
    public string Digest { get; init; } = "";

    /// <summary>For a new key: its name.</summary>
    [Id(3)]
    public string Name { get; init; } = "";

    /// <summary>For a new key: its roles.</summary>
    [Id(4)]
    public IReadOnlyList<AccessRole> Roles { get; init; } = [];

    /// <summary>For a new key: its models.</summary>
    [Id(5)]
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>For a new key: when it expires.</summary>
    [Id(6)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>For a rotation: how long the old secret is still taken.</summary>
    [Id(7)]
    public TimeSpan Grace { get; init; }

    /// <summary>Who asked.</summary>
    [Id(8)]
    public string By { get; init; } = "";

    /// <summary>For a new key and for a change of limits: what it may use; null: the cluster's default.</summary>
    [Id(9)]
    public LimitPolicy? Limits { get; init; }
}
