namespace OrleansMl.Contracts.Training;

/// <summary>One slot as its silo sees it.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SlotReport")]
public sealed record SlotReport
{
    /// <summary>Id: silo name, slash, device, for example <c>silo-1/cuda:0</c>.</summary>
    [Id(0)]
    public required string Slot { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    [Id(1)]
    public required string Accelerator { get; init; }

    /// <summary>The run whose attempt it works on.</summary>
    [Id(2)]
    public TrainingRunId? Run { get; init; }

    /// <summary>That attempt; 0 when idle.</summary>
    [Id(3)]
    public int Attempt { get; init; }
}
