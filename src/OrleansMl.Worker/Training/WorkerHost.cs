using System.Net.Sockets;
using OrleansMl.Contracts;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Worker.Operations;

namespace OrleansMl.Worker.Training;

/// <summary>
/// A worker's life: connect to the silo, train one job on the calling thread, deliver the outcome. Three threads of its
/// own, none from the pool, keep it honest meanwhile: one hears the silo, one sends heartbeats and progress, and one
/// ends the process when the silo falls silent, even with the training thread stuck in native code.
/// </summary>
internal sealed class WorkerHost(
    Func<ITrainingEngine> createEngine,
    TimeProvider time,
    Action<int> exitNow
)
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);
    private readonly object _gate = new();
    private bool _finished;
    private long _lastPing;

    /// <summary>Runs to the end; the process's exit code.</summary>
    public int Run(string socketPath)
    {
        using var socket = new Socket(
            AddressFamily.Unix,
            SocketType.Stream,
            ProtocolType.Unspecified
        );
        socket.ReceiveTimeout = (int)HandshakeTimeout.TotalMilliseconds;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            using var channel = new WorkerChannel(new NetworkStream(socket));
            channel.Send(
                new WorkerHello
                {
                    Version = WorkerProtocol.Version,
                    ProcessId = Environment.ProcessId,
                }
            );
            if (channel.Receive() is not SiloHello hello)
                return Refuse("expected the silo's hello as the first message");
            if (hello.Version != WorkerProtocol.Version)
                return Refuse(
                    $"this worker speaks protocol version {WorkerProtocol.Version}, its silo {hello.Version}: install both from the same release"
                );
            if (channel.Receive() is not StartTraining start)
                return Refuse("expected a job after the silo's hello");
            socket.ReceiveTimeout = 0;
            using var observer = new WorkerObserver(channel);
            Watch(channel, observer, hello);
            Deliver(channel, observer, start.Job);
            Finish();
            return WorkerProtocol.ExitDone;
        }
        catch (WorkerProtocolException e)
        {
            return Refuse(e.Message);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            System.Console.Error.WriteLine($"The silo is gone: {e.Message}");
            return WorkerProtocol.ExitOrphaned;
        }
    }

    private static int Refuse(string reason)
    {
        System.Console.Error.WriteLine($"Protocol error: {reason}.");
        return WorkerProtocol.ExitProtocol;
    }

    private void Deliver(WorkerChannel channel, WorkerObserver observer, TrainingJob job)
    {
        WorkerMessage last;
        try
        {
            last = new WorkerCompleted { Outcome = createEngine().Train(job, observer) };
        }
        catch (OperationCanceledException) when (observer.Stop.IsCancellationRequested)
        {
            last = new WorkerFailed
            {
                Kind = WorkerFailureKind.Stopped,
                Message = "Stopped on request.",
            };
        }
        catch (InvalidInputException e)
        {
            last = new WorkerFailed { Kind = WorkerFailureKind.InvalidInput, Message = e.Message };
        }
        catch (Exception e)
        {
            System.Console.Error.WriteLine(e);
            last = new WorkerFailed
            {
                Kind = WorkerFailureKind.Error,
                Message = $"{e.GetType().Name}: {e.Message}",
            };
        }
        observer.Flush();
        channel.Send(last);
    }

    private void Watch(WorkerChannel channel, WorkerObserver observer, SiloHello hello)
    {
        Volatile.Write(ref _lastPing, time.GetTimestamp());
        StartThread("silo", () => Hear(channel, observer));
        StartThread("watchdog", () => WatchPings(hello));
        StartThread("heartbeat", () => Beat(channel, observer, hello));
    }

    private static void StartThread(string name, Action body) =>
        new Thread(() => body()) { IsBackground = true, Name = name }.Start();

    private void Hear(WorkerChannel channel, WorkerObserver observer)
    {
        try
        {
            while (channel.Receive() is { } message)
            {
                switch (message)
                {
                    case WorkerPing:
                        Volatile.Write(ref _lastPing, time.GetTimestamp());
                        break;
                    case StopTraining:
                        observer.RequestStop();
                        break;
                    case HandOverTraining:
                        observer.RequestHandOver();
                        break;
                    default:
                        End(WorkerProtocol.ExitProtocol);
                        break;
                }
            }
            End(WorkerProtocol.ExitOrphaned);
        }
        catch (WorkerProtocolException)
        {
            End(WorkerProtocol.ExitProtocol);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            End(WorkerProtocol.ExitOrphaned);
        }
    }

    private void WatchPings(SiloHello hello)
    {
        var timeout = TimeSpan.FromSeconds(hello.PingTimeoutSeconds);
        var interval = timeout / 10;
        var before = time.GetTimestamp();
        while (!WaitForFinish(interval))
        {
            var now = time.GetTimestamp();
            // The second condition: this process itself was stopped for that long. Pings that lay in the socket
            // meanwhile prove nothing about the lease.
            if (
                time.GetElapsedTime(Volatile.Read(ref _lastPing), now) > timeout
                || time.GetElapsedTime(before, now) > timeout
            )
                End(WorkerProtocol.ExitSilent);
            before = now;
        }
    }

    private void Beat(WorkerChannel channel, WorkerObserver observer, SiloHello hello)
    {
        var beat = TimeSpan.FromSeconds(hello.HeartbeatSeconds);
        var interval = TimeSpan.FromSeconds(
            Math.Min(hello.ProgressSeconds, hello.HeartbeatSeconds)
        );
        var last = time.GetTimestamp();
        try
        {
            do
            {
                observer.Flush();
                if (time.GetElapsedTime(last) < beat)
                    continue;
                last = time.GetTimestamp();
                channel.Send(
                    new WorkerHeartbeat
                    {
                        ResidentBytes = Environment.WorkingSet,
                        Step = observer.Step,
                        Activity = observer.Activity,
                    }
                );
            } while (!WaitForFinish(interval));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            End(WorkerProtocol.ExitOrphaned);
        }
    }

    private void End(int code)
    {
        // After the outcome was sent, the silo closing the socket is the normal end.
        if (!WaitForFinish(TimeSpan.Zero))
            exitNow(code);
    }

    private void Finish()
    {
        lock (_gate)
        {
            _finished = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool WaitForFinish(TimeSpan atMost)
    {
        lock (_gate)
        {
            if (!_finished)
                Monitor.Wait(_gate, atMost);
            return _finished;
        }
    }
}
