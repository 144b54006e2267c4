using OrleansMl.Contracts.Training;

namespace OrleansMl.Silo.Training;

/// <summary>Where the supervisor finds the run that an attempt reports to.</summary>
internal interface ITrainingRuns
{
    /// <summary>The run's grain.</summary>
    ITrainingRunGrain Get(TrainingRunId run);
}
