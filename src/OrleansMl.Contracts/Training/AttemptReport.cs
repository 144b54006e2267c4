namespace OrleansMl.Contracts.Training;

/// <summary>Progress of an attempt.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AttemptReport")]
public sealed record AttemptReport
{
    /// <summary>The fencing token.</summary>
    [Id(0)]
    public required int Attempt { get; init; }

    /// <summary>How far it is.</summary>
    [Id(1)]
    public required TrainingProgress Progress { get; init; }

    /// <summary>New points, at most 1,000.</summary>
    [Id(2)]
    public IReadOnlyList<MetricPoint> Points { get; init; } = [];
}
