using NATS.Client.Core;
using NATS.Client.JetStream;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Bridges.Serving.Events;

/// <summary>
/// Topic → JetStream: publishes each event with its id as <c>Nats-Msg-Id</c>; the group's position is committed once the stream has
/// acknowledged. A repetition after a silo's death is a duplicate to JetStream, within the stream's duplicate window.
/// </summary>
internal sealed class NatsForwarder : IEventHandler
{
    /// <summary>Header of an event's key.</summary>
    public const string KeyHeader = "Oml-Key";

    /// <summary>Header of an event's type.</summary>
    public const string TypeHeader = "Oml-Type";

    /// <summary>Header that says that the values of the others are percent-encoded: a header takes no other than plain characters.</summary>
    public const string EncodedHeader = "Oml-Encoded";

    /// <summary>Header that JetStream knows messages by.</summary>
    public const string IdHeader = "Nats-Msg-Id";

    // While the connection is away a publish would wait for it without end.
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly NatsLink _link;
    private readonly NatsOptions _options;
    private readonly Dictionary<GroupId, NatsRoute> _routes;

    public NatsForwarder(NatsLink link, NatsOptions options, TimeProvider time)
    {
        _time = time;
        _link = link;
        _options = options;
        _routes = options
            .Outgoing.Select(pair => NatsRoute.ParseOutgoing(pair.Key, pair.Value)!)
            .ToDictionary(route => new GroupId(route.Topic, route.Name));
    }

    public bool Handles(ConsumerGroupSnapshot group) =>
        group.Kind == GroupKind.Bridge
        && _routes.ContainsKey(new GroupId(group.Topic, group.Group));

    public int BatchSize(ConsumerGroupSnapshot group) => _options.BatchSize;

    public async ValueTask<IReadOnlyList<EventMessage>> HandleAsync(
        ConsumerGroupSnapshot group,
        IReadOnlyList<LoggedEvent> events,
        CancellationToken cancellationToken
    )
    {
        var subject = _routes[new GroupId(group.Topic, group.Group)].Subject!;
        foreach (var e in events)
            await PublishAsync(subject, e.Message, cancellationToken);
        return [];
    }

    private async Task PublishAsync(
        string subject,
        EventMessage message,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(PublishTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            limit.Token,
            cancellationToken
        );
        try
        {
            var headers = new NatsHeaders
            {
                [IdHeader] = Uri.EscapeDataString(message.Id),
                [EncodedHeader] = "1",
            };
            if (message.Key is not null)
                headers[KeyHeader] = Uri.EscapeDataString(message.Key);
            if (message.Type.Length > 0)
                headers[TypeHeader] = Uri.EscapeDataString(message.Type);
            var acknowledged = await _link.JetStream.PublishAsync(
                subject,
                message.Data.ToArray(),
                headers: headers,
                cancellationToken: either.Token
            );
            if (acknowledged.Error is { } error)
                throw new UnavailableException(
                    $"JetStream refused event '{message.Id}' on '{subject}': {error.Description}"
                );
        }
        catch (Exception e)
            when (e is NatsException or OperationCanceledException
                && !cancellationToken.IsCancellationRequested
            )
        {
            // The broker is away, or no stream takes the subject: events wait.
            throw new UnavailableException(
                $"Event '{message.Id}' could not be published on '{subject}': {e.Message}",
                e
            );
        }
    }
}
