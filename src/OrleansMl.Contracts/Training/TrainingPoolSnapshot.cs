namespace OrleansMl.Contracts.Training;

/// <summary>The pool: slots and queue.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrainingPoolSnapshot")]
public sealed record TrainingPoolSnapshot
{
    /// <summary>All live slots.</summary>
    [Id(0)]
    public required IReadOnlyList<SlotSnapshot> Slots { get; init; }

    /// <summary>Waiting runs, next first.</summary>
    [Id(1)]
    public required IReadOnlyList<TrainingRunId> Queue { get; init; }

    /// <summary>The most that wait.</summary>
    [Id(2)]
    public int QueueLimit { get; init; }
}
