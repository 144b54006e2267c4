using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;

namespace OrleansMl.Engines.Torch.Tests.Training;

/// <summary>Keeps all that an engine tells.</summary>
internal sealed class RecordingObserver : ITrainingObserver, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public List<TrainingProgress> Progress { get; } = [];

    public List<MetricPoint> Points { get; } = [];

    public List<(string Path, long Step)> Checkpoints { get; } = [];

    /// <summary>After this step a hand-over is asked for.</summary>
    public long? HandOverAfter { get; init; }

    /// <summary>After this step a stop is asked for.</summary>
    public long? StopAfter { get; init; }

    public CancellationToken Stop => _stop.Token;

    public bool HandOverRequested =>
        HandOverAfter is { } step && Progress.Count > 0 && Progress[^1].Step >= step;

    public void OnProgress(TrainingProgress progress, IReadOnlyList<MetricPoint> points)
    {
        Progress.Add(progress);
        Points.AddRange(points);
        if (progress.Step >= StopAfter)
            _stop.Cancel();
    }

    public void OnCheckpoint(string path, long step) => Checkpoints.Add((path, step));

    public void Dispose() => _stop.Dispose();
}
