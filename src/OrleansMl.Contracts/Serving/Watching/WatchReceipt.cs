namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>The answer to a report.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.WatchReceipt")]
public sealed record WatchReceipt
{
    /// <summary>Windows up to this number are durable or too late: they need not be reported again.</summary>
    [Id(0)]
    public required long DurableThrough { get; init; }

    /// <summary>Whether the report was counted; if not, its profile is not the model's now and its counts are to be dropped.</summary>
    [Id(1)]
    public required bool Taken { get; init; }
}
