using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training;

/// <summary>How many optimizer steps a training takes.</summary>
public static class TrainingSteps
{
    /// <summary>Steps of one pass over the rows: the last, smaller batch counts unless it has a single row, over which batch normalization has no variance.</summary>
    public static long PerEpoch(long rows, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return (rows / batchSize) + (rows % batchSize > 1 ? 1 : 0);
    }

    /// <summary>Steps of the whole training: all epochs, or the configured most if that is fewer.</summary>
    public static long Total(TrainerConfig trainer, long rows)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        var steps = checked(PerEpoch(rows, trainer.BatchSize) * trainer.Epochs);
        return Math.Min(steps, trainer.MaxSteps ?? long.MaxValue);
    }
}
