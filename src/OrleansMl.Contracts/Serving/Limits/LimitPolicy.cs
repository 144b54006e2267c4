namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>
/// What an API key, or a model over all its callers, may use in the whole cluster. What is left out is not limited; a policy without
/// any limit only counts. A request's rows are the length of its model's batch dimension, 1 where it has none; its bytes are those of
/// its body.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.LimitPolicy")]
public sealed record LimitPolicy
{
    /// <summary>Requests a second, more than 0 and at most 1,000,000.</summary>
    [Id(0)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>Requests that may come at once after a pause, 1 to 10,000,000. Default: those of one second, at least 1.</summary>
    [Id(1)]
    public double? RequestBurst { get; init; }

    /// <summary>Rows of inference a second, more than 0 and at most 1,000,000,000.</summary>
    [Id(2)]
    public double? RowsPerSecond { get; init; }

    /// <summary>Rows that may come at once after a pause, 1 to 1,000,000,000; a request with more is refused with 400. Default: those of one second, at least 1.</summary>
    [Id(3)]
    public double? RowBurst { get; init; }

    /// <summary>Bytes of request bodies a second, more than 0 and at most 1e12.</summary>
    [Id(4)]
    public double? BytesPerSecond { get; init; }

    /// <summary>Bytes that may come at once after a pause, 1 to 1e12; a larger request is refused with 413. Default: those of one second, at least 1.</summary>
    [Id(5)]
    public double? ByteBurst { get; init; }

    /// <summary>Requests at a time, 1 to 1,000,000. Each silo has its share, at least 1.</summary>
    [Id(6)]
    public int? ConcurrentRequests { get; init; }

    /// <summary>Requests a calendar day (UTC), 0 to 1e15.</summary>
    [Id(7)]
    public long? RequestsPerDay { get; init; }

    /// <summary>Requests a calendar month (UTC), 0 to 1e15.</summary>
    [Id(8)]
    public long? RequestsPerMonth { get; init; }

    /// <summary>Rows a calendar day (UTC), 0 to 1e15.</summary>
    [Id(9)]
    public long? RowsPerDay { get; init; }

    /// <summary>Rows a calendar month (UTC), 0 to 1e15.</summary>
    [Id(10)]
    public long? RowsPerMonth { get; init; }

    /// <summary>Whether these requests are the first to be refused when the gateway is nearly full. Default: no.</summary>
    [Id(11)]
    public bool LowPriority { get; init; }

    /// <summary>Whether anything is limited a day or a month.</summary>
    public bool HasQuotas() =>
        RequestsPerDay is not null
        || RequestsPerMonth is not null
        || RowsPerDay is not null
        || RowsPerMonth is not null;
}
