using System.Runtime.CompilerServices;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Client.Serving.Events;

/// <summary>Topics: make, publish, read, follow.</summary>
public sealed class TopicsClient
{
    private readonly GatewayTransport _transport;

    internal TopicsClient(GatewayTransport transport) => _transport = transport;

    /// <summary>A topic's group, to define and to consume.</summary>
    public ConsumerGroupClient Group(string topic, string group) =>
        new(_transport, topic, group, isSubscription: false);

    /// <summary>A topic's subscription.</summary>
    public ConsumerGroupClient Subscription(string topic, string name) =>
        new(_transport, topic, name, isSubscription: true);

    /// <summary>All topics, by name.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public async Task<IReadOnlyList<TopicSnapshot>> ListAsync(
        CancellationToken cancellationToken = default
    ) =>
        (
            await _transport.SendAsync<TopicList>(
                new GatewayPath("api/v1/topics").Get(),
                cancellationToken
            )
        ).Topics;

    /// <summary>A topic.</summary>
    /// <exception cref="OrleansMlException">No such topic, or no answer.</exception>
    public Task<TopicSnapshot> GetAsync(
        string topic,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<TopicSnapshot>(Path(topic).Get(), cancellationToken);

    /// <summary>Makes a topic, or changes how it keeps events.</summary>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> for a value out of range, <c>conflict</c> for another number of partitions; or no answer.</exception>
    public Task<TopicSnapshot> PutAsync(
        string topic,
        TopicSpec? spec = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<TopicSnapshot>(
            Path(topic).Call(HttpMethod.Put) with
            {
                Content = GatewayContent.Json(spec ?? TopicSpec.Default),
            },
            cancellationToken
        );

    /// <summary>Deletes a topic and its events.</summary>
    /// <exception cref="OrleansMlException"><c>conflict</c> while it has groups; or no answer.</exception>
    public async Task DeleteAsync(string topic, CancellationToken cancellationToken = default)
    {
        using var _ = await _transport.SendAsync(
            Path(topic).Call(HttpMethod.Delete),
            cancellationToken
        );
    }

    /// <summary>Publishes events, all or none; they are durable when this returns. An event without an id gets one, kept through all tries, so that it is there once.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="events">1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the wait; the events may have been appended.</param>
    /// <returns>One receipt an event, in their order.</returns>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> naming an event, <c>not_found</c> for an unknown topic, <c>overloaded</c> while its consumers are too far behind; or no answer.</exception>
    public async Task<IReadOnlyList<EventReceipt>> PublishAsync(
        string topic,
        IReadOnlyList<EventRequest> events,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(events);
        var request = new PublishRequest
        {
            Events =
            [
                .. events.Select(e =>
                    e.Id is null
                        ? e with
                        {
                            Id = CommandId.New(_transport.Options.TimeProvider),
                        }
                        : e
                ),
            ],
        };
        var answer = await _transport.SendAsync<PublishAnswer>(
            Path(topic).Add("events").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(request),
            },
            cancellationToken
        );
        return answer.Receipts;
    }

    /// <summary>Events from a position on.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from"><c>earliest</c>, <c>latest</c>, a time (ISO 8601), or a page's <see cref="EventPage.Next"/>.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="waitSeconds">Seconds to wait where there is none, 0 to 60.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such topic, no position, or no answer.</exception>
    public Task<EventPage> ReadAsync(
        string topic,
        string from = "earliest",
        int limit = 100,
        int waitSeconds = 0,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<EventPage>(
            Path(topic)
                .Add("events")
                .With("from", from)
                .With("limit", limit)
                .With("waitSeconds", waitSeconds)
                .Get(),
            cancellationToken
        );

    /// <summary>Follows a topic. Connections that break are opened anew where they broke: each event comes once.</summary>
    /// <exception cref="OrleansMlException">No such topic; or the stream broke <see cref="OrleansMlClientOptions.MaxRetries"/> times on end without an event.</exception>
    public async IAsyncEnumerable<EventRecord> FollowAsync(
        string topic,
        string from = "latest",
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        // What "latest" or a time means is settled once, not at each connection.
        var start = await ReadAsync(topic, from, 1, 0, cancellationToken);
        foreach (var e in start.Events)
            yield return e;
        var call = Path(topic).Add("events").Add("stream").With("from", start.Next).Get();
        var retry = new StreamRetry(_transport, call.ToString());
        while (true)
        {
            string? failure = null;
            await using (
                var stream = await EventStream.OpenAsync(_transport, call, cancellationToken)
            )
            {
                while (failure is null && await stream.ReadAsync() is { } item)
                {
                    if (item.EventType == "error")
                    {
                        var error = GatewayFailure.Of(null, stream.Parse<ApiError>(item));
                        if (error.Code is OrleansMlErrorCodes.NotFound)
                            throw error;
                        failure = error.Message;
                        continue;
                    }
                    call = call with { LastEventId = stream.LastEventId };
                    retry.Reset();
                    yield return stream.Parse<EventRecord>(item);
                }
                failure ??= stream.Failure;
            }
            await retry.WaitAsync(failure, cancellationToken);
        }
    }

    private static GatewayPath Path(string topic) => new GatewayPath("api/v1/topics").Add(topic);
}
