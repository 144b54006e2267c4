using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>
/// Deals jobs out, the oldest first. All of it is memory: what a new activation doesn't know it learns from silos' heartbeats and
/// from the catalogue, and that a job may be dealt out twice is harmless, because its attempts are numbered.
/// </summary>
[GrainType("job-pool")]
internal sealed partial class JobPoolGrain(
    ICatalog catalog,
    IOptions<JobOptions> options,
    TimeProvider time,
    ILogger<JobPoolGrain> logger
) : Grain, IJobPoolGrain
{
    private const int Page = 1_000;
    private readonly JobOptions _options = options.Value;
    private readonly List<string> _queue = [];
    private readonly Dictionary<string, Lease> _leases = [];
    private readonly Dictionary<string, DateTimeOffset> _stopping = [];
    private DateTimeOffset _reconciledAt;
    private DateTimeOffset _activatedAt;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _activatedAt = time.GetUtcNow();
        return Task.CompletedTask;
    }

    public Task EnqueueAsync(string job, CancellationToken cancellationToken)
    {
        if (_queue.Contains(job) || _leases.ContainsKey(job))
            return Task.CompletedTask;
        if (_queue.Count >= _options.QueueLimit)
            throw new OverloadedException(
                $"{_queue.Count} jobs wait already, the most that may ({JobOptions.Section}:{nameof(JobOptions.QueueLimit)}); try again later."
            );
        _stopping.Remove(job);
        _queue.Add(job);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string job, CancellationToken cancellationToken)
    {
        _queue.Remove(job);
        if (_leases.Remove(job))
            _stopping[job] = time.GetUtcNow();
        return Task.CompletedTask;
    }

    public async Task<JobOrders> HeartbeatAsync(
        JobHeartbeat heartbeat,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        List<string> stop = [];
        foreach (var job in heartbeat.Running)
        {
            if (_stopping.ContainsKey(job))
                stop.Add(job);
            else if (_leases.TryGetValue(job, out var lease) && lease.Silo != heartbeat.Silo)
                stop.Add(job);
            else
            {
                _queue.Remove(job);
                _leases[job] = new Lease(heartbeat.Silo, now);
            }
        }
        Forget(heartbeat, now);
        await ReconcileAsync(now, cancellationToken);
        List<string> start = [];
        // A new activation hears first who works on what.
        while (
            now - _activatedAt >= 2 * _options.HeartbeatPeriod
            && _queue.Count > 0
            && heartbeat.Running.Count + start.Count < heartbeat.Slots
        )
        {
            var job = _queue[0];
            _queue.RemoveAt(0);
            _leases[job] = new Lease(heartbeat.Silo, now);
            start.Add(job);
        }
        return new JobOrders { Start = start, Stop = stop };
    }

    /// <summary>Leases of silos that fell silent go back into the queue; those that a silo no longer works on are done with.</summary>
    private void Forget(JobHeartbeat heartbeat, DateTimeOffset now)
    {
        foreach (var (job, lease) in _leases.ToList())
        {
            if (now - lease.Seen >= _options.LeaseExpiry)
            {
                LogLost(logger, job, lease.Silo);
                _leases.Remove(job);
                _queue.Insert(0, job);
            }
            else if (
                lease.Silo == heartbeat.Silo
                && !heartbeat.Running.Contains(job)
                && now - lease.Seen >= 2 * _options.HeartbeatPeriod
            )
                _leases.Remove(job);
        }
        foreach (var (job, since) in _stopping.ToList())
        {
            if (now - since >= _options.LeaseExpiry)
                _stopping.Remove(job);
        }
    }

    private async Task ReconcileAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now - _reconciledAt < _options.ReconcilePeriod)
            return;
        _reconciledAt = now;
        List<string> found = [];
        for (var offset = 0; offset < _options.QueueLimit; offset += Page)
        {
            var rows = await catalog.ListAsync(
                new CatalogQuery(
                    CatalogKinds.InferenceJob,
                    JobSpecs.ActiveStatuses,
                    Offset: offset,
                    Limit: Page
                ),
                cancellationToken
            );
            found.AddRange(rows.Select(row => row.Key));
            if (rows.Count < Page)
                break;
        }
        // Newest first in the catalogue; the oldest are dealt out first.
        found.Reverse();
        foreach (var job in found)
        {
            if (!_leases.ContainsKey(job) && !_queue.Contains(job) && !_stopping.ContainsKey(job))
                _queue.Add(job);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Silo {Silo} fell silent; its job {Job} is dealt out anew."
    )]
    private static partial void LogLost(ILogger logger, string job, string silo);

    private sealed record Lease(string Silo, DateTimeOffset Seen);
}
