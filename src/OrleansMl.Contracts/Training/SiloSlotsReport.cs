namespace OrleansMl.Contracts.Training;

/// <summary>A silo's heartbeat to the pool: it renews the leases of the slots it names.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SiloSlotsReport")]
public sealed record SiloSlotsReport
{
    /// <summary>The silo's name.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary>Grows with each start of the silo: a lease of an older one is lost.</summary>
    [Id(1)]
    public required long Incarnation { get; init; }

    /// <summary>All its slots.</summary>
    [Id(2)]
    public required IReadOnlyList<SlotReport> Slots { get; init; }

    /// <summary>No new work, please.</summary>
    [Id(3)]
    public bool Draining { get; init; }

    /// <summary>The silo's labels.</summary>
    [Id(4)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } =
        new Dictionary<string, string>();
}
