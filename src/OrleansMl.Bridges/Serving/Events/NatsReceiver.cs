using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Bridges.Serving.Events;

/// <summary>
/// JetStream → topic, on whichever silo has the bridge's lease: messages become events in one transaction with the stream's
/// sequence, checked by the fencing token, and are acknowledged afterwards. What is delivered again is passed over by its sequence.
/// </summary>
internal sealed partial class NatsReceiver(
    NatsRoute route,
    string member,
    NatsLink link,
    NatsOptions options,
    IConsumerGroups groups,
    IEventPublisher publisher,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);
    private long _fence = -1;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!await TurnAsync(cancellationToken))
                    await Task.Delay(Turn, time, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The broker or the database is away, the lease was lost, the topic is full, or a message is not for it: it stays in the stream.
                LogFailed(logger, e, route.Name, Turn);
                await Task.Delay(Turn, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // One batch; false when another silo has the bridge.
    private async Task<bool> TurnAsync(CancellationToken cancellationToken)
    {
        var stream = await link.JetStream.GetStreamAsync(
            route.Stream,
            cancellationToken: cancellationToken
        );
        // A stream that was deleted and made again counts anew: it is another source.
        var made = stream.Info.Created.ToUnixTimeMilliseconds();
        var source = new GroupId($"nats:{route.Stream}:{made}", route.Name);
        await groups.EnsureSourceAsync(source, cancellationToken);
        var leases = await groups.AcquireAsync(source, member, Lease, cancellationToken);
        if (leases is not [var lease])
            return false;
        var consumer = await stream.CreateOrUpdateConsumerAsync(
            new ConsumerConfig($"orleansml-{route.Name}".Replace('.', '_'))
            {
                AckPolicy = ConsumerConfigAckPolicy.Explicit,
                AckWait = TimeSpan.FromSeconds(options.AckWaitSeconds),
                MaxAckPending = options.BatchSize,
                FilterSubject = route.Subject,
            },
            cancellationToken
        );
        if (lease.Fence != _fence && consumer.Info.NumAckPending > 0)
            // What the silo before had in hand is delivered again first; until then what is newer would overtake it.
            await Task.Delay(
                TimeSpan.FromSeconds(options.AckWaitSeconds + 1),
                time,
                cancellationToken
            );
        _fence = lease.Fence;
        var position = (await groups.FetchAsync(lease, 1, cancellationToken)).Position;
        await ReceiveAsync(consumer, lease, made, position, cancellationToken);
        return true;
    }

    private async Task ReceiveAsync(
        INatsJSConsumer consumer,
        PartitionLease lease,
        long made,
        long position,
        CancellationToken cancellationToken
    )
    {
        var messages = new List<INatsJSMsg<byte[]>>();
        await foreach (
            var message in consumer.FetchAsync<byte[]>(
                new NatsJSFetchOpts { MaxMsgs = options.BatchSize, Expires = Turn },
                cancellationToken: cancellationToken
            )
        )
            messages.Add(message);
        if (messages.Count == 0)
            return;
        messages.Sort((a, b) => Sequence(a).CompareTo(Sequence(b)));
        var fresh = messages.Where(message => Sequence(message) >= position).ToList();
        if (fresh.Count > 0)
        {
            await publisher.EnsureTopicAsync(route.Topic, TopicSpec.Default, cancellationToken);
            await groups.CommitAsync(
                lease,
                new EventCommit(position, Sequence(fresh[^1]) + 1)
                {
                    OutputTopic = route.Topic,
                    Outputs = [.. fresh.Select(message => Event(message, made))],
                },
                cancellationToken
            );
        }
        foreach (var message in messages)
            await message.AckAsync(cancellationToken: cancellationToken);
    }

    private static long Sequence(INatsJSMsg<byte[]> message) =>
        (long)message.Metadata!.Value.Sequence.Stream;

    private static EventMessage Event(INatsJSMsg<byte[]> message, long made)
    {
        var data = message.Data ?? [];
        var id =
            Header(message, NatsForwarder.IdHeader)
            ?? $"{message.Metadata!.Value.Stream}:{made}:{Sequence(message)}";
        return new EventMessage
        {
            Id = Fit(id),
            Key = Fit(Header(message, NatsForwarder.KeyHeader) ?? message.Subject),
            Type = Fit(Header(message, NatsForwarder.TypeHeader) ?? message.Subject),
            Data = data,
            IsJson = IsJson(data),
        };
    }

    private static string? Header(INatsJSMsg<byte[]> message, string name) =>
        message.Headers is { } headers
        && headers.TryGetLastValue(name, out var value)
        && value.Length > 0
            ? headers.ContainsKey(NatsForwarder.EncodedHeader)
                ? Uri.UnescapeDataString(value)
                : value
            : null;

    private static string Fit(string text) =>
        text.Length <= EventMessage.MaxTextLength
            ? text
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool IsJson(byte[] data)
    {
        try
        {
            var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 64 });
            while (reader.Read())
                continue;
            return data.Length > 0;
        }
        catch (JsonException)
        {
            // Any other bytes.
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Bridge {Bridge} can't take messages now; again in {Pause}."
    )]
    private static partial void LogFailed(
        ILogger logger,
        Exception error,
        string bridge,
        TimeSpan pause
    );
}
