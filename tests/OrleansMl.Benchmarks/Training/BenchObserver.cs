using System.Diagnostics;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;

namespace OrleansMl.Benchmarks.Training;

/// <summary>Notes when steps and epochs ended, and stops a training that reached its aim.</summary>
internal sealed class BenchObserver(Action<MetricPoint>? onPoint = null)
    : ITrainingObserver,
        IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Steps done and the clock then.</summary>
    public List<(long Step, long Timestamp)> Steps { get; } = [];

    /// <summary>Checkpoints written.</summary>
    public int Checkpoints { get; private set; }

    public CancellationToken Stop => _stop.Token;

    public bool HandOverRequested => false;

    /// <summary>Ends the training at the next step.</summary>
    public void End() => _stop.Cancel();

    public void OnProgress(TrainingProgress progress, IReadOnlyList<MetricPoint> points)
    {
        Steps.Add((progress.Step, Stopwatch.GetTimestamp()));
        foreach (var point in points)
            onPoint?.Invoke(point);
    }

    public void OnCheckpoint(string path, long step)
    {
        Checkpoints++;
        File.Delete(path);
    }

    /// <summary>Steps a second, from a step on.</summary>
    public double StepsPerSecond(long from)
    {
        var first = Steps.First(s => s.Step >= from);
        return (Steps[^1].Step - first.Step)
            / Stopwatch.GetElapsedTime(first.Timestamp, Steps[^1].Timestamp).TotalSeconds;
    }

    public void Dispose() => _stop.Dispose();
}
