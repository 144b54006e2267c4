using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Trust;

namespace OrleansMl.Grains.Trust;

/// <summary>Reads the cluster's keys before this silo makes its first call, and again and again while it runs.</summary>
internal sealed partial class ClusterKeyRefresh(
    ClusterKeyRotation rotation,
    TimeProvider time,
    IOptions<ClusterTokenOptions> options,
    ILogger<ClusterKeyRefresh> logger
) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(ClusterKeyRefresh),
            ServiceLifecycleStage.First,
            async cancellationToken =>
            {
                // Without keys no other silo would take this one's calls: it must not start.
                await rotation.RefreshAsync(cancellationToken);
                _loop = Task.Run(RunAsync, CancellationToken.None);
            },
            async _ =>
            {
                await _stopping.CancelAsync();
                await _loop;
            }
        );

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(
            TimeSpan.FromSeconds(options.Value.RefreshSeconds),
            time
        );
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                await RefreshAsync();
        }
        catch (OperationCanceledException)
        {
            LogStopped(logger);
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            await rotation.RefreshAsync(_stopping.Token);
        }
        catch (Exception error) when (!_stopping.IsCancellationRequested)
        {
            LogFailed(logger, error);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The cluster's keys could not be read; this silo goes on by its copy."
    )]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The cluster's keys are no longer read.")]
    private static partial void LogStopped(ILogger logger);
}
