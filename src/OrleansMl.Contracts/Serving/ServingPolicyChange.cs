namespace OrleansMl.Contracts.Serving;

/// <summary>The ask to replace a model's serving policy.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ServingPolicyChange")]
public sealed record ServingPolicyChange
{
    /// <summary>Chosen by the caller: the same id gets the first answer again.</summary>
    [Id(0)]
    public required string CommandId { get; init; }

    /// <summary>The whole new policy.</summary>
    [Id(1)]
    public required ServingPolicy Policy { get; init; }

    /// <summary>When given: changed only if the policy has this revision now.</summary>
    [Id(2)]
    public long? Expected { get; init; }

    /// <summary>Who.</summary>
    [Id(3)]
    public string By { get; init; } = "";
}
