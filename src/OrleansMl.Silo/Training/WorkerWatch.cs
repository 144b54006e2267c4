using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Training;

/// <summary>Pings a worker and judges it: no heartbeat, no activity, or too much memory ends it.</summary>
internal sealed partial class WorkerWatch(
    SupervisorServices services,
    string slot,
    WorkerChannel channel,
    WorkerProcess process,
    Action<AttemptVerdict> kill
)
{
    private readonly WorkerOptions _options = services.Options;
    private readonly TimeProvider _time = services.Time;
    private readonly ILogger _logger = services.Logger;
    private long _heardAt = services.Time.GetTimestamp();
    private long _activeAt = services.Time.GetTimestamp();
    private long _activity = -1;
    private volatile bool _paused;

    /// <summary>Notes that a message came.</summary>
    public void Heard(WorkerMessage message)
    {
        var now = _time.GetTimestamp();
        Volatile.Write(ref _heardAt, now);
        if (message is WorkerHeartbeat beat && beat.Activity == _activity)
            return;
        if (message is WorkerHeartbeat { Activity: var activity })
            _activity = activity;
        Volatile.Write(ref _activeAt, now);
    }

    /// <summary>The silo itself reads no messages for now: silence is no sign.</summary>
    public void Pause() => _paused = true;

    /// <summary>The silo reads again.</summary>
    public void Resume()
    {
        Restart(_time.GetTimestamp());
        _paused = false;
    }

    /// <summary>Watches until cancelled; never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var interval = TimeSpan.FromSeconds(_options.PingSeconds);
        using var timer = new PeriodicTimer(interval, _time);
        var before = _time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await channel.SendAsync(new WorkerPing(), cancellationToken);
                var now = _time.GetTimestamp();
                // This process was stopped or starved meanwhile: what the worker sent waits to be read, so its
                // silence starts counting now.
                if (_time.GetElapsedTime(before, now) > interval * 3)
                    Restart(now);
                before = now;
                if (Judge(now) is { } verdict)
                {
                    kill(verdict);
                    return;
                }
            }
        }
        catch (Exception e)
            when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The worker or the session ended: whoever reads from the worker deals with it.
            LogPingsEnded(slot, e.GetType().Name);
        }
    }

    private AttemptVerdict? Judge(long now)
    {
        var resident = process.ResidentBytes;
        SiloTelemetry.ResidentBytes.Record(
            resident,
            new KeyValuePair<string, object?>("slot", slot)
        );
        if (resident > services.MemoryLimitBytes)
            return new AttemptVerdict(
                AttemptOutcome.OutOfMemory,
                $"The worker grew to {resident} bytes, its limit is {services.MemoryLimitBytes} (Workers:MemoryLimitBytes)."
            );
        if (_paused)
            return null;
        var silence = _time.GetElapsedTime(Volatile.Read(ref _heardAt), now);
        if (silence > TimeSpan.FromSeconds(_options.HeartbeatTimeoutSeconds))
            return new AttemptVerdict(
                AttemptOutcome.Hung,
                $"The worker sent nothing for {silence.TotalSeconds:F0} s (Workers:HeartbeatTimeoutSeconds)."
            );
        var stall = _time.GetElapsedTime(Volatile.Read(ref _activeAt), now);
        return stall > TimeSpan.FromSeconds(_options.StallTimeoutSeconds)
            ? new AttemptVerdict(
                AttemptOutcome.Hung,
                $"The worker made no step and reported nothing for {stall.TotalSeconds:F0} s (Workers:StallTimeoutSeconds)."
            )
            : null;
    }

    private void Restart(long now)
    {
        Volatile.Write(ref _heardAt, now);
        Volatile.Write(ref _activeAt, now);
    }

    [LoggerMessage(LogLevel.Debug, "Slot {Slot}: no more pings to its worker ({Reason})")]
    private partial void LogPingsEnded(string slot, string reason);
}
