namespace OrleansMl.Contracts.Training;

/// <summary>The immutable ask for a training. The YAML is the truth; the other fields are what the control plane reads of it.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrainingRunSpec")]
public sealed record TrainingRunSpec
{
    /// <summary>The whole configuration, YAML.</summary>
    [Id(0)]
    public required string Config { get; init; }

    /// <summary>A name for people.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Model that the version is registered under.</summary>
    [Id(2)]
    public required string Model { get; init; }

    /// <summary>The exact dataset version.</summary>
    [Id(3)]
    public required Datasets.DatasetVersionId Dataset { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>: what the slot must have.</summary>
    [Id(4)]
    public required string Accelerator { get; init; }

    /// <summary>Attempts that may fail before the run does. Attempts that end because their silo left or died don't count.</summary>
    [Id(5)]
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Conditions, all of which move the alias; none: it stays.</summary>
    [Id(6)]
    public IReadOnlyList<string> PromotionRules { get; init; } = [];

    /// <summary>The alias that the rules move.</summary>
    [Id(7)]
    public string PromotionAlias { get; init; } = "champion";

    /// <summary>Newest checkpoints kept.</summary>
    [Id(8)]
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Labels that the slot's silo must have, with these values.</summary>
    [Id(9)]
    public IReadOnlyDictionary<string, string> RequiredLabels { get; init; } =
        new Dictionary<string, string>();
}
