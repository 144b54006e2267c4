using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>What an engine tells while it trains; called on the training thread, so it must be quick.</summary>
public interface ITrainingObserver
{
    /// <summary>Asks the engine to stop at the next step.</summary>
    CancellationToken Stop { get; }

    /// <summary>Asks for a checkpoint at the next step and then a stop: the silo is leaving.</summary>
    bool HandOverRequested { get; }

    /// <summary>Progress and new points.</summary>
    void OnProgress(TrainingProgress progress, IReadOnlyList<MetricPoint> points);

    /// <summary>A complete checkpoint file, now the observer's to move or delete.</summary>
    void OnCheckpoint(string path, long step);
}
