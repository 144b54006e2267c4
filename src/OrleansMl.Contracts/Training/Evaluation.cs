namespace OrleansMl.Contracts.Training;

/// <summary>A model's scores on one split.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.Evaluation")]
public sealed record Evaluation
{
    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    [Id(0)]
    public required string Split { get; init; }

    /// <summary>Rows scored.</summary>
    [Id(1)]
    public required long Examples { get; init; }

    /// <summary>Metric name to value.</summary>
    [Id(2)]
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Class labels, in the order of the confusion matrix.</summary>
    [Id(3)]
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Rows: true class; columns: predicted class.</summary>
    [Id(4)]
    public IReadOnlyList<IReadOnlyList<long>> ConfusionMatrix { get; init; } = [];
}
