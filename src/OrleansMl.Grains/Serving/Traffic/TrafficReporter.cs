using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Grains.Serving.Traffic;

/// <summary>Reports this silo's counts of governed calls to the models' grains, every so often and when the silo stops. A report is repeated under its number until it is taken.</summary>
internal sealed partial class TrafficReporter(
    TrafficCounters counters,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    IOptions<TrafficOptions> options,
    TimeProvider time,
    ILogger<TrafficReporter> logger
) : BackgroundService
{
    // Half an hour of one model's reports with the default period: past it the oldest are given up.
    private const int MaxWaiting = 1_000;
    private readonly Dictionary<string, long> _sequences = [];
    private readonly SemaphoreSlim _turn = new(1);
    private List<(string Model, TrafficReport Report)> _waiting = [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await ReportAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    /// <summary>Takes what was counted and reports it, after what waits already.</summary>
    public async Task ReportAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var counts in counters.Take())
                _waiting.Add((counts.Stage.Model, Number(counts)));
            if (_waiting.Count > MaxWaiting)
            {
                LogGivenUp(_waiting.Count - MaxWaiting);
                _waiting.RemoveRange(0, _waiting.Count - MaxWaiting);
            }
            HashSet<string> away = [];
            List<(string, TrafficReport)> left = [];
            foreach (var (model, report) in _waiting)
            {
                // A later report must not be taken before an earlier one: the earlier would count as repeated.
                if (away.Contains(model) || !await SendAsync(model, report, cancellationToken))
                {
                    away.Add(model);
                    left.Add((model, report));
                }
            }
            _waiting = left;
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(
            TimeSpan.FromSeconds(options.Value.ReportSeconds),
            time
        );
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await ReportAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    private TrafficReport Number(TrafficCounts counts)
    {
        var sequence = _sequences.GetValueOrDefault(counts.Stage.Model) + 1;
        _sequences[counts.Stage.Model] = sequence;
        return new TrafficReport
        {
            Source = silo.SiloAddress.ToParsableString(),
            Sequence = sequence,
            Experiment = counts.Stage.Experiment,
            Step = counts.Stage.Step,
            Arms = counts.Arms,
            Shadows = counts.Shadows,
        };
    }

    private async Task<bool> SendAsync(
        string model,
        TrafficReport report,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await grains.GetGrain<IModelTrafficGrain>(model).ReportAsync(report, cancellationToken);
            return true;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // A model that is gone would be reported for ever.
            if (error is NotFoundException)
                return true;
            LogFailed(model, error.Message);
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The traffic of model {Model} could not be reported; it is repeated: {Error}"
    )]
    private partial void LogFailed(string model, string error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} reports of traffic that could not be delivered for long are given up."
    )]
    private partial void LogGivenUp(int count);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Reports of traffic end.")]
    private partial void LogStopped();
}
