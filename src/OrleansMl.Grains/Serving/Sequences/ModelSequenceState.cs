using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>What a sequence's grain keeps.</summary>
[GenerateSerializer]
[Alias("oml.ModelSequenceState")]
internal sealed record ModelSequenceState
{
    /// <summary>The version that answers, from the first call to the last; null: there is no sequence.</summary>
    [Id(0)]
    public ModelVersionId? Version { get; init; }

    /// <summary>Calls applied.</summary>
    [Id(1)]
    public long Steps { get; init; }

    /// <summary>Whether the last call was the end: what is kept answers repeats.</summary>
    [Id(2)]
    public bool HasEnded { get; init; }

    [Id(3)]
    public IReadOnlyList<SequenceTensor> Tensors { get; init; } = [];

    /// <summary>The last calls that can be repeated, oldest first.</summary>
    [Id(4)]
    public IReadOnlyList<AppliedStep> Answers { get; init; } = [];

    /// <summary>When the last call was applied.</summary>
    [Id(5)]
    public DateTimeOffset UsedAt { get; init; }

    /// <summary>How long it lives without a call.</summary>
    [Id(6)]
    public int IdleSeconds { get; init; }

    /// <summary>When it is over, unless another call comes.</summary>
    public DateTimeOffset ExpiresAt() => UsedAt.AddSeconds(IdleSeconds);

    /// <summary>Whether a call may go on with it.</summary>
    public bool Runs(DateTimeOffset now) => Version is not null && !HasEnded && now < ExpiresAt();
}
