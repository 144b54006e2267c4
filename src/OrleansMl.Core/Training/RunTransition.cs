using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>Where a run goes when an attempt ended without a model.</summary>
/// <param name="Next">Queued, Failed or Cancelled.</param>
/// <param name="FailedAttempts">Attempts that count against the limit, this one included if it does.</param>
/// <param name="LostAttempts">Attempts that don't, this one included if it is one.</param>
/// <param name="Error">Failed: why.</param>
public sealed record RunTransition(
    TrainingRunPhase Next,
    int FailedAttempts,
    int LostAttempts,
    string? Error
);
