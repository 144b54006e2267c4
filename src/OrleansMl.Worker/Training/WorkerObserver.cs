using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;

namespace OrleansMl.Worker.Training;

/// <summary>
/// Gathers what the engine tells and sends it in batches. The training thread only appends to a list; it sends by itself
/// when a checkpoint must follow the points before it, or when the batch is full, so that a silo that does not read
/// slows training down instead of growing this process.
/// </summary>
internal sealed class WorkerObserver(WorkerChannel channel) : ITrainingObserver, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gathering = new();
    private readonly Lock _flushing = new();
    private List<MetricPoint> _points = [];
    private TrainingProgress? _progress;
    private long _step;
    private long _activity;
    private volatile bool _handOverRequested;

    /// <inheritdoc/>
    public CancellationToken Stop => _stop.Token;

    /// <inheritdoc/>
    public bool HandOverRequested => _handOverRequested;

    /// <summary>Optimizer steps done.</summary>
    public long Step => Volatile.Read(ref _step);

    /// <summary>Grows with everything that the engine tells.</summary>
    public long Activity => Volatile.Read(ref _activity);

    /// <summary>Asks the engine to stop.</summary>
    public void RequestStop() => _stop.Cancel();

    /// <summary>Asks the engine for a checkpoint and then a stop.</summary>
    public void RequestHandOver() => _handOverRequested = true;

    /// <inheritdoc/>
    public void OnProgress(TrainingProgress progress, IReadOnlyList<MetricPoint> points)
    {
        bool full;
        lock (_gathering)
        {
            _progress = progress;
            _points.AddRange(points);
            full = _points.Count >= WorkerProtocol.MaxPointsPerFrame;
        }
        Volatile.Write(ref _step, progress.Step);
        Interlocked.Increment(ref _activity);
        if (full)
            Flush();
    }

    /// <inheritdoc/>
    public void OnCheckpoint(string path, long step)
    {
        Interlocked.Increment(ref _activity);
        Flush();
        channel.Send(new WorkerCheckpoint { Path = path, Step = step });
    }

    /// <summary>Sends what was gathered, in order.</summary>
    public void Flush()
    {
        lock (_flushing)
        {
            TrainingProgress? progress;
            List<MetricPoint> points;
            lock (_gathering)
            {
                progress = _progress;
                points = _points;
                _progress = null;
                _points = [];
            }
            if (progress is null)
                return;
            var sent = 0;
            do
            {
                var count = Math.Min(points.Count - sent, WorkerProtocol.MaxPointsPerFrame);
                channel.Send(
                    new WorkerProgress
                    {
                        Progress = progress,
                        Points = points.GetRange(sent, count),
                    }
                );
                sent += count;
            } while (sent < points.Count);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();
}
