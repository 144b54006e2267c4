using Microsoft.Extensions.Options;

namespace OrleansMl.Silo.Training;

/// <summary>Hands the silo's work over before anything of it stops: the cluster and HTTP are still up in <see cref="StoppingAsync"/>.</summary>
internal sealed partial class WorkerDrain(
    WorkerSupervisor supervisor,
    SlotHeartbeat heartbeat,
    IOptions<WorkerOptions> options,
    ILogger<WorkerDrain> logger
) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(options.Value.HandOverTimeoutSeconds);
        LogDraining(patience.TotalSeconds);
        await supervisor.DrainAsync(patience, cancellationToken);
        await heartbeat.SayGoodbyeAsync(cancellationToken);
        LogDrained();
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        LogLevel.Information,
        "The silo is leaving: its workers have {Seconds} s to write a checkpoint and hand over"
    )]
    private partial void LogDraining(double seconds);

    [LoggerMessage(LogLevel.Information, "All workers handed over")]
    private partial void LogDrained();
}
