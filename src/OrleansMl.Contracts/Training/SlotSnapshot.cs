namespace OrleansMl.Contracts.Training;

/// <summary>One slot as the pool sees it.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SlotSnapshot")]
public sealed record SlotSnapshot
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required string Slot { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    [Id(1)]
    public required string Accelerator { get; init; }

    /// <summary>Who holds it.</summary>
    [Id(2)]
    public TrainingRunId? Run { get; init; }

    /// <summary>That attempt.</summary>
    [Id(3)]
    public int Attempt { get; init; }

    /// <summary>Its silo is leaving.</summary>
    [Id(4)]
    public bool Draining { get; init; }

    /// <summary>Age of its silo's last report.</summary>
    [Id(5)]
    public double SecondsSinceHeartbeat { get; init; }
}
