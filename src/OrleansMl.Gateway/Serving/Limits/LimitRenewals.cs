using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>Renews this silo's shares of limits while it runs, and gives them back when it stops.</summary>
internal sealed partial class LimitRenewals(
    LimitRegistry registry,
    TimeProvider time,
    IOptions<LimitOptions> options,
    ILogger<LimitRenewals> logger
) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await registry.ReleaseAsync(LogNotReleased, cancellationToken);
        }
        catch (OperationCanceledException error) when (cancellationToken.IsCancellationRequested)
        {
            // The silo does not wait any longer: leases end by themselves.
            LogNotReleased("all", error);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.RenewSeconds), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await registry.TendAsync(LogNotRenewed, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The share of the limit of {Subject} could not be renewed; it is tried again, and held until its lease ends."
    )]
    private partial void LogNotRenewed(string subject, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The share of the limit of {Subject} could not be given back: its lease ends by itself, and what was set aside of quotas counts as used."
    )]
    private partial void LogNotReleased(string subject, Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Limits are no longer renewed.")]
    private partial void LogStopped();
}
