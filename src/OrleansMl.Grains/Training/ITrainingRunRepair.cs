namespace OrleansMl.Grains.Training;

/// <summary>What the pool asks of a run that it does not know. Implemented by the run's grain.</summary>
[Alias("oml.ITrainingRunRepair")]
internal interface ITrainingRunRepair : IGrainWithStringKey
{
    /// <summary>Goes on with what a dead silo left half done, and says where the run stands; null when there is none.</summary>
    [Alias("Repair")]
    Task<RunStanding?> RepairAsync(CancellationToken cancellationToken);
}
