using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>A slot that works for a run, and for nobody else.</summary>
public sealed record SlotLease
{
    /// <summary>Its id, never used twice.</summary>
    public required string LeaseId { get; init; }

    /// <summary>The run's place in the queue, should it have to go back.</summary>
    public required long Ticket { get; init; }

    /// <summary>The run.</summary>
    public required TrainingRunId Run { get; init; }

    /// <summary>The slot.</summary>
    public required string Slot { get; init; }

    /// <summary>The slot's silo.</summary>
    public required string Silo { get; init; }

    /// <summary>That start of the silo: the lease ends with it.</summary>
    public required long Incarnation { get; init; }

    /// <summary>What the run asked for.</summary>
    public required string Accelerator { get; init; }

    /// <summary>What the run asked for.</summary>
    public IReadOnlyDictionary<string, string> RequiredLabels { get; init; } =
        new Dictionary<string, string>();

    /// <summary>The attempt that began under it; 0: none yet.</summary>
    public int Attempt { get; init; }
}
