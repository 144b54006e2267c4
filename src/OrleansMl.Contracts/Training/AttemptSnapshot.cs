namespace OrleansMl.Contracts.Training;

/// <summary>One try of a run on one slot.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AttemptSnapshot")]
public sealed record AttemptSnapshot
{
    /// <summary>Counts from 1; the fencing token.</summary>
    [Id(0)]
    public required int Number { get; init; }

    /// <summary>The slot, for example <c>silo-1/cpu:0</c>.</summary>
    [Id(1)]
    public required string Slot { get; init; }

    /// <summary>How it ended.</summary>
    [Id(2)]
    public AttemptOutcome Outcome { get; init; }

    /// <summary>When the slot was leased.</summary>
    [Id(3)]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(4)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The step of the checkpoint it began from; 0 is the beginning.</summary>
    [Id(5)]
    public long FromStep { get; init; }

    /// <summary>What went wrong.</summary>
    [Id(6)]
    public string? Error { get; init; }

    /// <summary>The worker's last lines.</summary>
    [Id(7)]
    public IReadOnlyList<string> LogTail { get; init; } = [];
}
