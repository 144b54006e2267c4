namespace OrleansMl.Contracts.Training;

/// <summary>Metrics of one moment of a run.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.MetricPoint")]
public sealed record MetricPoint
{
    /// <summary>The optimizer step they were measured after.</summary>
    [Id(0)]
    public required long Step { get; init; }

    /// <summary>Its epoch, from 1.</summary>
    [Id(1)]
    public required int Epoch { get; init; }

    /// <summary><c>step</c>, <c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    [Id(2)]
    public required string Series { get; init; }

    /// <summary>Seconds of training before it, over all attempts that count.</summary>
    [Id(3)]
    public required double ElapsedSeconds { get; init; }

    /// <summary>Metric name to value, for example <c>loss</c>, <c>accuracy</c>, <c>macro_f1</c>, <c>roc_auc</c>, <c>mae</c>, <c>rmse</c>, <c>r2</c>, <c>learning_rate</c>.</summary>
    [Id(4)]
    public required IReadOnlyDictionary<string, double> Values { get; init; }
}
