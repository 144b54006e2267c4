namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>What became of a firing.</summary>
public enum FiringOutcome
{
    /// <summary>Decided; its job is about to be submitted.</summary>
    Starting = 0,

    /// <summary>Its job was submitted.</summary>
    Started = 1,

    /// <summary>It waits for the end of an earlier firing's job.</summary>
    Waiting = 2,

    /// <summary>An earlier firing's job, or another one that waited, was in its way.</summary>
    Overlapped = 3,

    /// <summary>Nobody was there when it was due.</summary>
    Missed = 4,

    /// <summary>Its job could not be submitted; its error says why.</summary>
    Failed = 5,
}
