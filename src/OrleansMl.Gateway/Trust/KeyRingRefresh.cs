using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Gateway.Trust;

/// <summary>Reads the API keys when the silo has started and again and again, beside the push at each change.</summary>
internal sealed partial class KeyRingRefresh(
    IGrainFactory grains,
    KeyRing ring,
    TimeProvider time,
    IOptions<KeyRingOptions> options,
    ILogger<KeyRingRefresh> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(
            TimeSpan.FromSeconds(options.Value.RefreshSeconds),
            time
        );
        try
        {
            do
            {
                await RefreshAsync(stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    /// <summary>Reads them once; a failure is left to the next time.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // What a reading tells is as old as its question.
        var asked = time.GetTimestamp();
        try
        {
            ring.Apply(
                await grains
                    .GetGrain<IApiKeyRingGrain>(IApiKeyRingGrain.Key)
                    .GetAsync(cancellationToken),
                asked
            );
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(error);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The API keys could not be read; this silo goes on by its copy while that is young enough."
    )]
    private partial void LogFailed(Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The API keys are no longer read.")]
    private partial void LogStopped();
}
