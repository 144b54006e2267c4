using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Events;

/// <summary>Reads topics for those who ask once, wait, or follow.</summary>
internal sealed class EventReading(
    IEventLog log,
    IConsumerGroups groups,
    EventSignals signals,
    EventStreams streams,
    TimeProvider time
)
{
    // What no signal told of, because a connection to the database was down, is found so soon.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    private const int StreamPage = 100;

    /// <summary>Events from a position on; waits for the first where there is none.</summary>
    public async Task<EventPage> ReadAsync(
        string topic,
        string from,
        int max,
        TimeSpan wait,
        CancellationToken cancellationToken
    )
    {
        var at = await log.ResolveAsync(topic, from, cancellationToken);
        var (events, next) = await WaitAsync(
            topic,
            wait,
            token => log.ReadAsync(topic, at, max, token),
            read => read.Events.Count > 0,
            cancellationToken
        );
        return new EventPage
        {
            Events = [.. events.Select(EventShapes.Record)],
            Next = next.ToString(),
        };
    }

    /// <summary>Follows a topic as Server-Sent Events; each event's id is the position behind it.</summary>
    public async Task StreamAsync(HttpContext context, string topic, string from)
    {
        var stop = context.RequestAborted;
        var at = await log.ResolveAsync(topic, from, stop);
        using var stream = streams.Open(context);
        await stream.StartAsync(stop);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var (events, next) = await WaitAsync(
                    topic,
                    stream.Heartbeat,
                    token => log.ReadAsync(topic, at, StreamPage, token),
                    read => read.Events.Count > 0,
                    stop
                );
                if (events.Count == 0)
                    await stream.WriteHeartbeatAsync(stop);
                var passed = at.Next.ToArray();
                foreach (var e in events)
                {
                    passed[e.Partition] = e.Position + 1;
                    await stream.WriteEventAsync(
                        "event",
                        EventShapes.Record(e),
                        stop,
                        string.Join(',', passed)
                    );
                }
                at = next;
            }
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            await stream.WriteEventAsync("error", ErrorAnswer.Of(e).Body, stop);
        }
    }

    /// <summary>Fetches for an outside consumer; waits where there is nothing.</summary>
    public async Task<FetchAnswer> FetchAsync(
        GroupId id,
        FetchRequest request,
        CancellationToken cancellationToken
    )
    {
        var group = await groups.GetAsync(id, cancellationToken);
        RequireConsumer(group);
        return await WaitAsync(
            id.Topic,
            TimeSpan.FromSeconds(request.WaitSeconds),
            token => FetchOnceAsync(group, request, token),
            answer => answer.Partitions.Count > 0,
            cancellationToken
        );
    }

    public static void RequireConsumer(ConsumerGroupSnapshot group)
    {
        if (group.Kind != GroupKind.Consumer)
            throw new ConflictException(
                $"Group '{group.Group}' of topic '{group.Topic}' is consumed by the cluster itself ({group.Kind}): make a group of your own."
            );
    }

    private async Task<FetchAnswer> FetchOnceAsync(
        ConsumerGroupSnapshot group,
        FetchRequest request,
        CancellationToken cancellationToken
    )
    {
        var leases = await groups.AcquireAsync(
            new GroupId(group.Topic, group.Group),
            request.Consumer,
            TimeSpan.FromSeconds(group.Spec.LeaseSeconds),
            cancellationToken
        );
        var fetched = new List<FetchedPartition>();
        var left = request.Max;
        foreach (var lease in leases)
        {
            if (left <= 0)
                break;
            var batch = await groups.FetchAsync(lease, left, cancellationToken);
            if (batch.Events.Count + batch.Retried.Count == 0)
                continue;
            left -= batch.Events.Count + batch.Retried.Count;
            fetched.Add(
                new FetchedPartition
                {
                    Partition = lease.Partition,
                    Fence = lease.Fence,
                    Events = [.. batch.Events.Select(EventShapes.Record)],
                    Retried = [.. batch.Retried.Select(EventShapes.Record)],
                }
            );
        }
        return new FetchAnswer { Partitions = fetched };
    }

    private async Task<T> WaitAsync<T>(
        string topic,
        TimeSpan wait,
        Func<CancellationToken, Task<T>> look,
        Func<T, bool> isEnough,
        CancellationToken cancellationToken
    )
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var signal = signals.NextAsync(topic);
            var seen = await look(cancellationToken);
            var left = wait - time.GetElapsedTime(started);
            if (isEnough(seen) || left <= TimeSpan.Zero)
                return seen;
            await EventSignals.WaitAsync(
                signal,
                left < LookAgain ? left : LookAgain,
                time,
                cancellationToken
            );
        }
    }
}
