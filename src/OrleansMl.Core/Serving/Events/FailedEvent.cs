namespace OrleansMl.Core.Serving.Events;

/// <summary>An event that failed for good.</summary>
/// <param name="Event">The event.</param>
/// <param name="Tries">Failed tries.</param>
/// <param name="Error">Why the last one failed.</param>
public sealed record FailedEvent(LoggedEvent Event, int Tries, string Error);
