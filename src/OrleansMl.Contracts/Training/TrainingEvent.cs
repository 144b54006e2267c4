namespace OrleansMl.Contracts.Training;

/// <summary>One thing that a watcher of a run sees.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrainingEvent")]
public sealed record TrainingEvent
{
    /// <summary>Grows by one; watch again from the last seen.</summary>
    [Id(0)]
    public required long Sequence { get; init; }

    /// <summary>The run after it.</summary>
    [Id(1)]
    public required TrainingRunSnapshot Run { get; init; }

    /// <summary>New metric points.</summary>
    [Id(2)]
    public IReadOnlyList<MetricPoint> Points { get; init; } = [];
}
