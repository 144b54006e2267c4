namespace OrleansMl.Contracts.Serving;

/// <summary>A model's serving policy as readers get it.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ServingPolicySnapshot")]
public sealed record ServingPolicySnapshot
{
    /// <summary>The model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>Counts the changes; 0: never set.</summary>
    [Id(1)]
    public required long Revision { get; init; }

    /// <summary>The policy.</summary>
    [Id(2)]
    public required ServingPolicy Policy { get; init; }

    /// <summary>When it was last changed; null: never.</summary>
    [Id(3)]
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Who changed it last.</summary>
    [Id(4)]
    public string ChangedBy { get; init; } = "";
}
