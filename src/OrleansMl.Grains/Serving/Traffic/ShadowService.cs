using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Grains.Serving.Traffic;

/// <summary>Runs shadows while the silo is up.</summary>
internal sealed partial class ShadowService(ShadowRunner runner, ILogger<ShadowService> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await runner.RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Shadows end.")]
    private partial void LogStopped();
}
