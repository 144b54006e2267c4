using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>An event in its topic.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Position">Its place there.</param>
/// <param name="PublishedAt">When it was appended.</param>
/// <param name="Message">The event.</param>
public sealed record LoggedEvent(
    int Partition,
    long Position,
    DateTimeOffset PublishedAt,
    EventMessage Message
);
