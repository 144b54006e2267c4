namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>What was used in a day or month.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.UsageCounts")]
public sealed record UsageCounts
{
    /// <summary>Requests that were let through, whatever became of them.</summary>
    [Id(0)]
    public long Requests { get; init; }

    /// <summary>Their rows of inference.</summary>
    [Id(1)]
    public long Rows { get; init; }

    /// <summary>Bytes of their bodies.</summary>
    [Id(2)]
    public long Bytes { get; init; }

    /// <summary>Requests that a limit or quota refused.</summary>
    [Id(3)]
    public long Refused { get; init; }

    /// <summary>Requests that silos had set aside when they were lost: they count as used.</summary>
    [Id(4)]
    public long LostRequests { get; init; }

    /// <summary>Rows that silos had set aside when they were lost.</summary>
    [Id(5)]
    public long LostRows { get; init; }
}
