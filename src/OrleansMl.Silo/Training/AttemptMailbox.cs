using System.Threading.Channels;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training.Workers;

namespace OrleansMl.Silo.Training;

/// <summary>
/// What a worker sent and its run has not been told yet. Bounded: points up to a limit, past which the writer waits, and
/// the newest checkpoint alone, since an older one that nobody acknowledged is of no more use. One writer, one reader.
/// </summary>
internal sealed class AttemptMailbox(int maxPendingPoints, Action<WorkerCheckpoint> onSuperseded)
{
    private const int MaxPointsPerReport = 1_000;
    private readonly Lock _lock = new();
    private readonly Channel<byte> _arrived = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly Queue<MetricPoint> _points = new();
    private TrainingProgress? _progress;
    private WorkerCheckpoint? _checkpoint;
    private TaskCompletionSource _room = Completed();

    /// <summary>Ends when there is room for more points.</summary>
    public Task Room
    {
        get
        {
            lock (_lock)
                return _room.Task;
        }
    }

    /// <summary>Adds progress and points.</summary>
    public void Add(WorkerProgress message)
    {
        lock (_lock)
        {
            _progress = message.Progress;
            foreach (var point in message.Points)
                _points.Enqueue(point);
            if (_points.Count >= maxPendingPoints && _room.Task.IsCompleted)
                _room = new TaskCompletionSource(
                    TaskCreationOptions.RunContinuationsAsynchronously
                );
        }
        _arrived.Writer.TryWrite(0);
    }

    /// <summary>Adds a checkpoint, in place of one that was not taken yet.</summary>
    public void Add(WorkerCheckpoint message)
    {
        WorkerCheckpoint? superseded;
        lock (_lock)
        {
            superseded = _checkpoint;
            _checkpoint = message;
        }
        if (superseded is not null)
            onSuperseded(superseded);
        _arrived.Writer.TryWrite(0);
    }

    /// <summary>Nothing more will be added.</summary>
    public void Complete() => _arrived.Writer.TryComplete();

    /// <summary>
    /// The next part to tell the run, or null when all was taken and nothing more comes. Points come before the
    /// checkpoint that followed them, so that a resumed run never lacks points of steps that its checkpoint contains.
    /// </summary>
    public async ValueTask<Batch?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (DequeueBatch() is { } batch)
                return batch;
            if (!await _arrived.Reader.WaitToReadAsync(cancellationToken))
                return DequeueBatch();
            _arrived.Reader.TryRead(out _);
        }
    }

    private Batch? DequeueBatch()
    {
        lock (_lock)
        {
            if (_progress is null && _checkpoint is null)
                return null;
            var progress = _progress;
            var points = new List<MetricPoint>(Math.Min(_points.Count, MaxPointsPerReport));
            while (points.Count < MaxPointsPerReport && _points.TryDequeue(out var point))
                points.Add(point);
            if (_points.Count < maxPendingPoints)
                _room.TrySetResult();
            if (_points.Count > 0)
                return new Batch(progress, points, null);
            _progress = null;
            var checkpoint = _checkpoint;
            _checkpoint = null;
            return new Batch(progress, points, checkpoint);
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    /// <summary>A part of what a worker sent.</summary>
    /// <param name="Progress">Null when there is only a checkpoint.</param>
    /// <param name="Points">At most 1,000.</param>
    /// <param name="Checkpoint">To store after the points were told.</param>
    internal sealed record Batch(
        TrainingProgress? Progress,
        IReadOnlyList<MetricPoint> Points,
        WorkerCheckpoint? Checkpoint
    );
}
