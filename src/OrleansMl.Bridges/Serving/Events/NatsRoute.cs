using OrleansMl.Contracts;

namespace OrleansMl.Bridges.Serving.Events;

/// <summary>What a bridge connects.</summary>
/// <param name="Name">The bridge.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Stream">Incoming: the stream.</param>
/// <param name="Subject">Incoming: the subject that is taken, null: all. Outgoing: where events go.</param>
internal sealed record NatsRoute(string Name, string Topic, string Stream, string? Subject)
{
    public static NatsRoute? ParseIncoming(string name, string route) =>
        Split(route) switch
        {
            [var stream, var topic] when AreNames(name, topic) => new(name, topic, stream, null),
            [var stream, var subject, var topic] when AreNames(name, topic) => new(
                name,
                topic,
                stream,
                subject
            ),
            _ => null,
        };

    public static NatsRoute? ParseOutgoing(string name, string route) =>
        Split(route) is [var topic, var subject] && AreNames(name, topic)
            ? new(name, topic, "", subject)
            : null;

    private static string[] Split(string route) =>
        route.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool AreNames(string name, string topic) =>
        ResourceName.IsValid(name) && ResourceName.IsValid(topic);
}
