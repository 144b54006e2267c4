using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Contracts.Serving;

/// <summary>
/// How a model's live calls are watched: statistics against the data that it was trained on, copies of calls, outliers,
/// alerts. Without this section nothing is watched and a call pays nothing.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.WatchPolicy")]
public sealed record WatchPolicy
{
    /// <summary>Share of the calls that the statistics count, above 0 to 1. A call is in or out by a hash of its id.</summary>
    /// <value>The default is 1.</value>
    [Id(0)]
    public double Sample { get; init; } = 1;

    /// <summary>The data set version to compare with. Null: the one that the version was trained on, by its lineage; an imported model has none.</summary>
    [Id(1)]
    public DatasetVersionId? Reference { get; init; }

    /// <summary>The split of it: <c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    /// <value>The default is <c>train</c>.</value>
    [Id(2)]
    public string ReferenceSplit { get; init; } = "train";

    /// <summary>Inputs and outputs whose column in the data set has another name, as <c>"input": "column"</c>; at most 1,000. Those of a model trained here are known.</summary>
    [Id(3)]
    public IReadOnlyDictionary<string, string> Columns { get; init; } =
        new Dictionary<string, string>();

    /// <summary>Seconds of one window, 10 to 86,400. Windows begin at whole multiples of it since 1970.</summary>
    /// <value>The default is 300.</value>
    [Id(4)]
    public int WindowSeconds { get; init; } = 300;

    /// <summary>Closed windows that are kept, 1 to 96.</summary>
    /// <value>The default is 12.</value>
    [Id(5)]
    public int KeptWindows { get; init; } = 12;

    /// <summary>Bins of a number's histogram, 2 to 50: each holds as near as may be the same share of the reference.</summary>
    /// <value>The default is 10.</value>
    [Id(6)]
    public int Bins { get; init; } = 10;

    /// <summary>When to raise an alert; at most 50.</summary>
    [Id(7)]
    public IReadOnlyList<AlertRule> Alerts { get; init; } = [];

    /// <summary>How calls unlike the training data are found; null: not looked for.</summary>
    [Id(8)]
    public OutlierPolicy? Outliers { get; init; }

    /// <summary>Which calls are copied into a data set; null: none.</summary>
    [Id(9)]
    public PayloadPolicy? Payloads { get; init; }

    /// <summary>Whether predictions wait for their outcomes; null: they don't.</summary>
    [Id(10)]
    public QualityPolicy? Quality { get; init; }
}
