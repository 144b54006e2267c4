using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;

namespace OrleansMl.Silo.Training;

// The worker's part: data, process, connection, messages.
internal sealed partial class AttemptSession
{
    private async Task RunWorkerAsync(string scratch, Task reports)
    {
        var leases = new List<IArtifactLease>();
        try
        {
            var job = await PrepareAsync(scratch, leases);
            using var link = new WorkerLink(_services.Directories.NextSocket());
            using var process = _services.Launcher.Start(link.Path, _options.Threads);
            LogStarted(Assignment.Run, Assignment.Attempt, _slot, process.Id);
            try
            {
                await using var killing = _kill.Token.Register(process.Kill);
                await ConnectAsync(link, process);
                await link.Channel.SendAsync(new StartTraining { Job = job }, _kill.Token);
                Attach(link.Channel);
                await WatchAsync(link.Channel, process, reports);
            }
            finally
            {
                Detach();
                process.Kill();
                await process.Exited;
                _logTail = process.LogTail;
            }
            if (_last is null)
                SetVerdict(
                    new AttemptVerdict(
                        AttemptOutcome.Crashed,
                        $"The worker process {process.ExitDescription}."
                    )
                );
        }
        finally
        {
            foreach (var lease in leases)
                lease.Dispose();
        }
    }

    private async Task<TrainingJob> PrepareAsync(string scratch, List<IArtifactLease> leases)
    {
        var paths = new List<string>(Assignment.Dataset.Shards.Count);
        foreach (var shard in Assignment.Dataset.Shards)
        {
            leases.Add(await _reporter.AcquireAsync(shard.Artifact, _kill.Token));
            paths.Add(leases[^1].Path);
        }
        string? resumeFrom = null;
        if (Assignment.ResumeFrom is { } checkpoint)
        {
            leases.Add(await _reporter.AcquireAsync(checkpoint.Artifact, _kill.Token));
            resumeFrom = leases[^1].Path;
        }
        return new TrainingJob
        {
            Config = Assignment.Spec.Config,
            Dataset = Assignment.Dataset,
            ShardPaths = paths,
            ResumeFrom = resumeFrom,
            TrainingSecondsBefore = Assignment.TrainingSecondsBefore,
            ScratchDirectory = scratch,
            Device = _device,
            Threads = _options.Threads,
        };
    }

    private async Task ConnectAsync(WorkerLink link, WorkerProcess process)
    {
        var hello = new SiloHello
        {
            Version = WorkerProtocol.Version,
            PingTimeoutSeconds = _options.PingTimeoutSeconds,
            HeartbeatSeconds = _options.HeartbeatSeconds,
            ProgressSeconds = _options.ProgressSeconds,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_kill.Token);
        limit.CancelAfter(TimeSpan.FromSeconds(_options.StartTimeoutSeconds));
        var connected = link.ConnectAsync(hello, limit.Token);
        if (await Task.WhenAny(connected, process.Exited) != connected)
        {
            await limit.CancelAsync();
            throw new InvalidOperationException(
                $"The worker process {process.ExitDescription} before it connected."
            );
        }
        try
        {
            await connected;
        }
        catch (OperationCanceledException e) when (!_kill.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The worker process did not connect within {_options.StartTimeoutSeconds} s (Workers:StartTimeoutSeconds).",
                e
            );
        }
    }

    private async Task WatchAsync(WorkerChannel channel, WorkerProcess process, Task reports)
    {
        using var done = new CancellationTokenSource();
        var watch = new WorkerWatch(_services, _slot, channel, process, Kill);
        var watching = watch.RunAsync(done.Token);
        try
        {
            while (await ReceiveAsync(channel) is { } message)
            {
                watch.Heard(message);
                switch (message)
                {
                    case WorkerHeartbeat:
                        break;
                    case WorkerProgress progress:
                        _mailbox.Add(progress);
                        await WaitForRoomAsync(watch, reports);
                        break;
                    case WorkerCheckpoint checkpoint:
                        _mailbox.Add(checkpoint);
                        break;
                    case WorkerCompleted or WorkerFailed:
                        _last = message;
                        await Task.WhenAny(
                            process.Exited,
                            Task.Delay(
                                TimeSpan.FromSeconds(_options.StopTimeoutSeconds),
                                _services.Time,
                                done.Token
                            )
                        );
                        return;
                    default:
                        throw new WorkerProtocolException(
                            $"The worker sent {message.GetType().Name}, which only a silo sends."
                        );
                }
            }
        }
        finally
        {
            await done.CancelAsync();
            await watching;
        }
    }

    private async Task WaitForRoomAsync(WorkerWatch watch, Task reports)
    {
        if (_mailbox.Room.IsCompleted)
            return;
        watch.Pause();
        await Task.WhenAny(_mailbox.Room, reports).WaitAsync(_kill.Token);
        watch.Resume();
    }

    private static async Task<WorkerMessage?> ReceiveAsync(WorkerChannel channel)
    {
        try
        {
            return await channel.ReceiveAsync(CancellationToken.None);
        }
        catch (Exception e)
            when (e is IOException and not WorkerProtocolException or ObjectDisposedException)
        {
            // The process ended with the socket open: the same as a close.
            return null;
        }
    }

    private void Attach(WorkerChannel channel)
    {
        lock (_lock)
            _channel = channel;
    }

    private void Detach()
    {
        lock (_lock)
            _channel = null;
    }
}
