using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Bridges.Serving.Events;

/// <summary>Runs this silo's bridges: makes the groups of the outgoing ones, which the silo's consumers then serve, and receives for the incoming ones.</summary>
internal sealed partial class NatsBridges(
    NatsOptions options,
    NatsLink link,
    IConsumerGroups groups,
    IEventPublisher publisher,
    TimeProvider time,
    ILogger<NatsBridges> logger
) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    // Each start of a process is another member: it never takes up what one before it had in hand.
    private readonly string _member = $"{Environment.MachineName}/{Guid.NewGuid():N}";

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([
            .. options.Outgoing.Select(pair =>
                DefineAsync(NatsRoute.ParseOutgoing(pair.Key, pair.Value)!, stoppingToken)
            ),
            .. options.Incoming.Select(pair =>
                new NatsReceiver(
                    NatsRoute.ParseIncoming(pair.Key, pair.Value)!,
                    _member,
                    link,
                    options,
                    groups,
                    publisher,
                    time,
                    logger
                ).RunAsync(stoppingToken)
            ),
        ]);

    private async Task DefineAsync(NatsRoute route, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await publisher.EnsureTopicAsync(route.Topic, TopicSpec.Default, cancellationToken);
                await groups.PutAsync(
                    new GroupId(route.Topic, route.Name),
                    new GroupDefinition(GroupKind.Bridge, new ConsumerGroupSpec()),
                    cancellationToken
                );
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, e, route.Name, RetryAfter);
                await Task.Delay(RetryAfter, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Bridge {Bridge} can't be made now; again in {Pause}."
    )]
    private static partial void LogFailed(
        ILogger logger,
        Exception error,
        string bridge,
        TimeSpan pause
    );
}
