using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Reports this silo's counts to the models' grains and writes copied calls, every so often and when the silo stops.</summary>
internal sealed partial class WatchReporter(
    CallWatcher watcher,
    PayloadLog payloads,
    PredictionLog predictions,
    IGrainFactory grains,
    IOptions<WatchOptions> options,
    TimeProvider time,
    ILogger<WatchReporter> logger
) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await ReportAsync(cancellationToken);
            await payloads.FlushAsync(all: true, cancellationToken);
            await predictions.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    /// <summary>Counts what waits and reports once.</summary>
    public async Task ReportAsync(CancellationToken cancellationToken)
    {
        watcher.Drain();
        foreach (var version in watcher.Versions.ToList())
            await ReportAsync(version, cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        // A slow store must not make reports late.
        Task.WhenAll(
            EachPeriodAsync(options.Value.ReportPeriod, ReportAsync, stoppingToken),
            EachPeriodAsync(
                options.Value.ReportPeriod,
                token => payloads.FlushAsync(all: false, token),
                stoppingToken
            ),
            EachPeriodAsync(options.Value.PredictionPeriod, predictions.FlushAsync, stoppingToken)
        );

    private async Task EachPeriodAsync(
        TimeSpan period,
        Func<CancellationToken, Task> work,
        CancellationToken stoppingToken
    )
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await work(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    private async Task ReportAsync(
        WatchedVersionCounts version,
        CancellationToken cancellationToken
    )
    {
        if (
            version.Counter is not { } counter
            || counter.Report(watcher.Reporter) is not { } report
        )
            return;
        try
        {
            var receipt = await grains
                .GetGrain<IModelWatchGrain>(version.Version.Name)
                .ReportAsync(report, cancellationToken);
            if (receipt.Taken)
                counter.DropThrough(receipt.DurableThrough);
            else
                watcher.Forget(version.Version);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The next report says it all again.
            LogFailed(error.Message, version.Version.ToString());
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The counts of {Version} could not be reported: {Error}"
    )]
    private partial void LogFailed(string error, string version);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Reports of watched models end.")]
    private partial void LogStopped();
}
