namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>What a silo tells of its jobs, every second or so.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.JobHeartbeat")]
public sealed record JobHeartbeat
{
    /// <summary>The silo's name.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary>Jobs that it works on at a time; 0: it takes no more.</summary>
    [Id(1)]
    public required int Slots { get; init; }

    /// <summary>Ids of those that it works on now.</summary>
    [Id(2)]
    public IReadOnlyList<string> Running { get; init; } = [];
}
