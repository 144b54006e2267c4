using OrleansMl.Contracts.Training;

namespace OrleansMl.Silo.Training;

/// <summary>Why the supervisor ends an attempt before its worker does.</summary>
/// <param name="Outcome">What the run is told.</param>
/// <param name="Error">For people.</param>
/// <param name="Tell">Whether the run is told at all: a stale attempt has nothing to say.</param>
internal sealed record AttemptVerdict(AttemptOutcome Outcome, string Error, bool Tell = true)
{
    /// <summary>A newer attempt holds the run.</summary>
    public static AttemptVerdict Stale { get; } =
        new(AttemptOutcome.LeaseLost, "A newer attempt holds the run.", Tell: false);

    /// <summary>The run was cancelled.</summary>
    public static AttemptVerdict Cancelled { get; } =
        new(AttemptOutcome.Cancelled, "Cancelled on request.");

    /// <summary>The silo left before the worker had begun or ended.</summary>
    public static AttemptVerdict SiloLeft { get; } =
        new(AttemptOutcome.LeaseLost, "The silo left before the worker wrote a checkpoint.");
}
