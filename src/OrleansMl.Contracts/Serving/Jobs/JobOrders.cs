namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>What a silo is told to do.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.JobOrders")]
public sealed record JobOrders
{
    /// <summary>Jobs to begin.</summary>
    [Id(0)]
    public IReadOnlyList<string> Start { get; init; } = [];

    /// <summary>Jobs to stop: cancelled, or another silo's by now.</summary>
    [Id(1)]
    public IReadOnlyList<string> Stop { get; init; } = [];
}
