using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>Which phase of a run may follow which.</summary>
public static class RunTransitions
{
    /// <summary>Whether the run has ended.</summary>
    public static bool IsEnded(TrainingRunPhase phase) =>
        phase
            is TrainingRunPhase.Succeeded
                or TrainingRunPhase.Failed
                or TrainingRunPhase.Cancelled;

    /// <summary>Whether a phase may follow another.</summary>
    public static bool MayFollow(TrainingRunPhase from, TrainingRunPhase to) =>
        (from, to) switch
        {
            (TrainingRunPhase.Queued, TrainingRunPhase.Running) => true,
            (TrainingRunPhase.Running, TrainingRunPhase.Queued) => true,
            (TrainingRunPhase.Running, TrainingRunPhase.Registering) => true,
            (TrainingRunPhase.Registering, TrainingRunPhase.Succeeded) => true,
            (TrainingRunPhase.Failed or TrainingRunPhase.Cancelled, TrainingRunPhase.Queued) =>
                true,
            (_, TrainingRunPhase.Failed) => !IsEnded(from),
            (TrainingRunPhase.Queued or TrainingRunPhase.Running, TrainingRunPhase.Cancelled) =>
                true,
            _ => false,
        };

    /// <summary>Whether an outcome counts against the run's attempts: those that end because their silo left don't.</summary>
    public static bool Counts(AttemptOutcome outcome) =>
        outcome
            is AttemptOutcome.Error
                or AttemptOutcome.Crashed
                or AttemptOutcome.Hung
                or AttemptOutcome.OutOfMemory;

    /// <summary>Where a run goes when an attempt ended without a model.</summary>
    /// <param name="outcome">How it ended: anything but Running and Succeeded.</param>
    /// <param name="error">What the attempt said.</param>
    /// <param name="failedAttempts">Counted ones before this.</param>
    /// <param name="lostAttempts">Uncounted ones before this.</param>
    /// <param name="cancelRequested">Whether a cancel is under way: then no outcome queues the run again.</param>
    /// <param name="limits">How many there may be.</param>
    public static RunTransition AfterAttempt(
        AttemptOutcome outcome,
        string error,
        int failedAttempts,
        int lostAttempts,
        bool cancelRequested,
        RunFailureLimits limits
    )
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (outcome is AttemptOutcome.Running or AttemptOutcome.Succeeded)
            throw new ArgumentOutOfRangeException(
                nameof(outcome),
                outcome,
                "An attempt that ended without a model neither runs nor succeeded."
            );
        if (Counts(outcome))
            failedAttempts++;
        else if (outcome is AttemptOutcome.LeaseLost or AttemptOutcome.HandedOver)
            lostAttempts++;
        if (cancelRequested || outcome is AttemptOutcome.Cancelled)
            return new RunTransition(
                TrainingRunPhase.Cancelled,
                failedAttempts,
                lostAttempts,
                null
            );
        if (outcome is AttemptOutcome.InvalidInput)
            return new RunTransition(TrainingRunPhase.Failed, failedAttempts, lostAttempts, error);
        if (failedAttempts >= limits.MaxAttempts)
            return new RunTransition(
                TrainingRunPhase.Failed,
                failedAttempts,
                lostAttempts,
                $"{failedAttempts} of {limits.MaxAttempts} attempts failed, the last ({outcome}): {error}"
            );
        if (lostAttempts >= limits.MaxLostAttempts)
            return new RunTransition(
                TrainingRunPhase.Failed,
                failedAttempts,
                lostAttempts,
                $"{lostAttempts} attempts were lost with their silos, the limit, the last ({outcome}): {error}"
            );
        return new RunTransition(TrainingRunPhase.Queued, failedAttempts, lostAttempts, null);
    }
}
