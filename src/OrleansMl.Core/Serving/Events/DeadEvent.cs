namespace OrleansMl.Core.Serving.Events;

/// <summary>A dead letter.</summary>
/// <param name="Event">The event.</param>
/// <param name="Tries">Failed tries.</param>
/// <param name="Error">Why the last one failed.</param>
/// <param name="DeadAt">When it was given up.</param>
/// <param name="Retrying">It is to be tried again.</param>
public sealed record DeadEvent(
    LoggedEvent Event,
    int Tries,
    string Error,
    DateTimeOffset DeadAt,
    bool Retrying
);
