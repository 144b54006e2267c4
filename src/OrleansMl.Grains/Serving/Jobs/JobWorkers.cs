using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>This silo's work on jobs, if it serves: tells the pool what it does, and does what it is told. What runs when the silo stops is given back.</summary>
internal sealed partial class JobWorkers(
    IGrainFactory grains,
    ILocalPredictor local,
    Lazy<JobAttempts> attempts,
    IOptions<SiloMetadata> metadata,
    IOptions<JobOptions> options,
    TimeProvider time,
    ILogger<JobWorkers> logger
) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Work)> _running = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(JobWorkers),
            ServiceLifecycleStage.Active,
            _ =>
            {
                if (local.Available && options.Value.Slots > 0)
                    _loop = Task.Run(RunAsync, CancellationToken.None);
                return Task.CompletedTask;
            },
            async _ =>
            {
                await _stopping.CancelAsync();
                await _loop;
            }
        );

    public void Dispose() => _stopping.Dispose();

    private string Silo => metadata.Value.Metadata.GetValueOrDefault(SiloMetadataKeys.Name) ?? "";

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(options.Value.HeartbeatPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                await BeatAsync();
        }
        catch (OperationCanceledException)
        {
            LogStopping(logger, _running.Count);
        }
        foreach (var (stop, _) in _running.Values)
            await stop.CancelAsync();
        await Task.WhenAll(_running.Values.Select(run => run.Work));
    }

    private async Task BeatAsync()
    {
        foreach (var (job, run) in _running.Where(run => run.Value.Work.IsCompleted).ToList())
        {
            _running.Remove(job);
            run.Stop.Dispose();
        }
        JobOrders orders;
        try
        {
            orders = await grains
                .GetGrain<IJobPoolGrain>(IJobPoolGrain.Key)
                .HeartbeatAsync(
                    new JobHeartbeat
                    {
                        Silo = Silo,
                        Slots = options.Value.Slots,
                        Running = [.. _running.Keys],
                    },
                    _stopping.Token
                );
        }
        catch (Exception error) when (!_stopping.IsCancellationRequested)
        {
            // The pool is moving, or the database is away: the next beat tells the same.
            LogBeatFailed(logger, error);
            return;
        }
        foreach (var job in orders.Stop)
        {
            if (_running.TryGetValue(job, out var run))
                await run.Stop.CancelAsync();
        }
        foreach (var job in orders.Start)
        {
            if (_running.ContainsKey(job))
                continue;
            var stop = new CancellationTokenSource();
            _running[job] = (stop, WorkAsync(job, stop.Token));
        }
    }

    private async Task WorkAsync(string job, CancellationToken cancellationToken)
    {
        try
        {
            await attempts.Value.RunAsync(job, Silo, cancellationToken);
        }
        catch (Exception error)
        {
            // The job's grain can't be told: the pool's reconciliation deals the job out again.
            LogLost(logger, error, job);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Stopping; {Count} jobs are given back."
    )]
    private static partial void LogStopping(ILogger logger, int count);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The pool of jobs did not answer; the next beat asks again."
    )]
    private static partial void LogBeatFailed(ILogger logger, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Job {Job} could not be told how its attempt ended; it is dealt out again."
    )]
    private static partial void LogLost(ILogger logger, Exception error, string job);
}
