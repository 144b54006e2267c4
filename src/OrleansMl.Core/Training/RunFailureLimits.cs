namespace OrleansMl.Core.Training;

/// <summary>How often a run may lose an attempt.</summary>
/// <param name="MaxAttempts">Attempts that may fail by themselves before the run does, 1 or more.</param>
/// <param name="MaxLostAttempts">Attempts that may end because their silo left or died: high, but not endless.</param>
public sealed record RunFailureLimits(int MaxAttempts, int MaxLostAttempts);
