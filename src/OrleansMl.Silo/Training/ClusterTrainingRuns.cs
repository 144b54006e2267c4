using OrleansMl.Contracts.Training;

namespace OrleansMl.Silo.Training;

/// <summary>The runs of this silo's cluster.</summary>
internal sealed class ClusterTrainingRuns(IGrainFactory grains) : ITrainingRuns
{
    /// <inheritdoc/>
    public ITrainingRunGrain Get(TrainingRunId run) =>
        grains.GetGrain<ITrainingRunGrain>(run.Value);
}
