using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Grains.Serving.Events;

/// <summary>
/// Consumes events on this silo for the groups that the cluster itself consumes: renews the leases, shares partitions with the other
/// silos, and keeps one <see cref="PartitionConsumer"/> for each lease.
/// </summary>
internal sealed partial class EventConsumers : BackgroundService
{
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(5);

    private readonly Dictionary<PartitionLease, Running> _running = [];
    private readonly IEventHandler[] _handlers;
    private readonly EventConsumerServices _services;
    private readonly SemaphoreSlim _gate;
    private readonly string _member;
    private readonly ILogger _logger;
    private bool _failing;

    public EventConsumers(
        IConsumerGroups groups,
        IEnumerable<IEventHandler> handlers,
        EventSignals signals,
        ILocalSiloDetails silo,
        IOptions<EventConsumerOptions> options,
        TimeProvider time,
        ILogger<EventConsumers> logger
    )
    {
        _handlers = [.. handlers];
        _gate = new SemaphoreSlim(options.Value.MaxConcurrentBatches);
        _services = new EventConsumerServices(groups, signals, _gate, options.Value, time, logger);
        // Its generation tells a silo from the one before it under the same name.
        _member = $"{silo.Name}/{silo.SiloAddress.Generation}";
        _logger = logger;
    }

    public override void Dispose()
    {
        _gate.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var signal = _services.Signals.NextAsync(EventSignals.Groups);
                await RefreshAsync(stoppingToken);
                await EventSignals.WaitAsync(
                    signal,
                    _services.Options.RenewPeriod,
                    _services.Time,
                    stoppingToken
                );
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopping(_logger);
        }
        await LeaveAsync();
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            var groups = await _services.Groups.ListAsync(null, cancellationToken);
            var wanted = new Dictionary<PartitionLease, (ConsumerGroupSnapshot, IEventHandler)>();
            foreach (var group in groups)
            {
                var handler = Array.Find(_handlers, candidate => candidate.Handles(group));
                if (handler is null)
                    continue;
                foreach (var lease in await AcquireAsync(group, cancellationToken))
                    wanted.Add(lease, (group, handler));
            }
            Reconcile(wanted, cancellationToken);
            _failing = false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Consumers go on: whether they still may is decided at each commit.
            if (!_failing)
                LogFailed(_logger, e);
            _failing = true;
        }
    }

    private async Task<IReadOnlyList<PartitionLease>> AcquireAsync(
        ConsumerGroupSnapshot group,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _services.Groups.AcquireAsync(
                new GroupId(group.Topic, group.Group),
                _member,
                _services.Options.LeaseExpiry,
                cancellationToken
            );
        }
        catch (NotFoundException)
        {
            // Deleted since it was listed.
            return [];
        }
    }

    private void Reconcile(
        Dictionary<PartitionLease, (ConsumerGroupSnapshot Group, IEventHandler Handler)> wanted,
        CancellationToken cancellationToken
    )
    {
        foreach (var (lease, running) in _running.ToList())
        {
            var isCurrent =
                wanted.TryGetValue(lease, out var now) && now.Group.Revision == running.Revision;
            if (isCurrent && !running.Work.IsCompleted)
                continue;
            // Nobody waits for its end: a call that hangs would cost the other leases, and what it commits too late is refused.
            _ = StopAsync(running);
            _running.Remove(lease);
        }
        foreach (var (lease, (group, handler)) in wanted)
        {
            if (_running.ContainsKey(lease))
                continue;
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var consumer = new PartitionConsumer(lease, group, handler, _services);
            var work = Task.Run(() => consumer.RunAsync(stop.Token), CancellationToken.None);
            _running.Add(lease, new Running(group.Revision, stop, work));
        }
    }

    // What this silo has goes to others at once, not when its leases run out.
    private async Task LeaveAsync()
    {
        await Task.WhenAll(_running.Values.Select(StopAsync));
        using var limit = new CancellationTokenSource(LeaveTimeout, _services.Time);
        try
        {
            foreach (var group in _running.Keys.Select(lease => lease.Group).Distinct().ToList())
                await _services.Groups.LeaveAsync(group, _member, limit.Token);
        }
        catch (Exception e)
        {
            LogLeaveFailed(_logger, e.Message);
        }
        _running.Clear();
    }

    private static async Task StopAsync(Running running)
    {
        await running.Stop.CancelAsync();
        await running.Work;
        running.Stop.Dispose();
    }

    private sealed record Running(long Revision, CancellationTokenSource Stop, Task Work);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Leases of consumer groups can't be renewed; the next turn tries again."
    )]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Leases of consumer groups could not be given up, they run out by themselves: {Error}"
    )]
    private static partial void LogLeaveFailed(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Consuming events ends.")]
    private static partial void LogStopping(ILogger logger);
}
