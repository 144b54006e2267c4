namespace OrleansMl.Storage.Serving.Events;

/// <summary>An event's id was appended by another, with another key, between a transaction's look and its write: the transaction is repeated, and then sees it.</summary>
internal sealed class EventIdRaceException() : Exception("An event's id was appended meanwhile.");
