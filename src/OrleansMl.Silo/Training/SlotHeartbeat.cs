using System.Threading.Channels;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Training;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Training;

/// <summary>Reports this silo's slots to the pool: every few seconds, and at once when something changed. The reports renew the leases.</summary>
internal sealed partial class SlotHeartbeat(
    WorkerSupervisor supervisor,
    IGrainFactory grains,
    SiloIdentity identity,
    IOptions<WorkerOptions> options,
    TimeProvider time,
    ILogger<SlotHeartbeat> logger
) : BackgroundService
{
    private readonly Channel<byte> _changes = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private bool _failing;

    /// <summary>Tells the pool that this silo has no slots any more.</summary>
    public async Task SayGoodbyeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Pool.ReportSlotsAsync(Report([], draining: true), cancellationToken);
        }
        catch (Exception e)
        {
            // The leases run out by themselves.
            LogGoodbyeFailed(e.Message);
        }
    }

    private ITrainingPoolGrain Pool => grains.GetGrain<ITrainingPoolGrain>(ITrainingPoolGrain.Key);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        supervisor.Changed += (_, _) => _changes.Writer.TryWrite(0);
        var period = TimeSpan.FromSeconds(options.Value.SlotReportSeconds);
        while (!stoppingToken.IsCancellationRequested)
        {
            await ReportAsync(stoppingToken);
            await WaitAsync(period, stoppingToken);
        }
    }

    private async Task WaitAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        await using var timer = time.CreateTimer(
            state => ((Channel<byte>)state!).Writer.TryWrite(0),
            _changes,
            period,
            Timeout.InfiniteTimeSpan
        );
        try
        {
            await _changes.Reader.ReadAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Pool.ReportSlotsAsync(
                Report(supervisor.Slots, supervisor.Draining),
                cancellationToken
            );
            if (_failing)
                LogBack();
            _failing = false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The pool's silo or the database may be away; the next report says the same again.
            if (!_failing)
                LogFailed(e.Message);
            _failing = true;
        }
        catch (OperationCanceledException)
        {
            LogStopped();
        }
    }

    private SiloSlotsReport Report(IReadOnlyList<SlotReport> slots, bool draining) =>
        new()
        {
            Silo = identity.Name,
            Incarnation = identity.Incarnation,
            Slots = slots,
            Draining = draining,
            Labels = identity.Labels,
        };

    [LoggerMessage(LogLevel.Warning, "The slots could not be reported to the pool: {Error}")]
    private partial void LogFailed(string error);

    [LoggerMessage(LogLevel.Information, "The pool takes this silo's slot reports again")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Debug, "Slot reports end")]
    private partial void LogStopped();

    [LoggerMessage(LogLevel.Warning, "The pool could not be told that this silo leaves: {Error}")]
    private partial void LogGoodbyeFailed(string error);
}
