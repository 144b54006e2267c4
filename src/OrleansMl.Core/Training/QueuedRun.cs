using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>A run that waits for a slot.</summary>
public sealed record QueuedRun
{
    /// <summary>Its place: the smaller, the sooner. Kept when a lease is lost, so that the run goes back to the front.</summary>
    public required long Ticket { get; init; }

    /// <summary>The run.</summary>
    public required TrainingRunId Run { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public required string Accelerator { get; init; }

    /// <summary>Labels that the slot's silo must have, with these values.</summary>
    public IReadOnlyDictionary<string, string> RequiredLabels { get; init; } =
        new Dictionary<string, string>();

    /// <summary>An attempt whose lease was lost and whose run has still to be told; 0: none.</summary>
    public int LostAttempt { get; init; }

    /// <summary>Why it was lost.</summary>
    public string LostReason { get; init; } = "";
}
