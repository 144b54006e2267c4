using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Schedules;

/// <summary>How many steps a training has, and where in it a step is.</summary>
public sealed record TrainingLength
{
    /// <summary>Works it out.</summary>
    /// <param name="rows">Training rows, 1 or more.</param>
    /// <param name="trainer">Batch size, epochs, most steps.</param>
    public TrainingLength(long rows, TrainerConfig trainer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentNullException.ThrowIfNull(trainer);
        BatchSize = trainer.BatchSize;
        Rows = rows;
        var (full, rest) = Math.DivRem(rows, trainer.BatchSize);
        // A batch of one row has no variance: batch normalization can't train on it.
        StepsPerEpoch = Math.Max(1, full + (rest > 1 ? 1 : 0));
        TotalSteps = Math.Min(StepsPerEpoch * trainer.Epochs, trainer.MaxSteps ?? long.MaxValue);
    }

    /// <summary>Training rows.</summary>
    public long Rows { get; }

    /// <summary>Rows of a full batch.</summary>
    public int BatchSize { get; }

    /// <summary>Steps of every epoch, 1 or more.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>Steps in all, unless it stops early.</summary>
    public long TotalSteps { get; }

    /// <summary>The epoch, from 1, that a step (from 0: the steps done before it) belongs to.</summary>
    public int EpochOf(long step) => checked((int)(step / StepsPerEpoch)) + 1;

    /// <summary>A step's first row in its epoch's order and how many rows it takes.</summary>
    public (long Start, int Count) RowsOf(long step)
    {
        var start = step % StepsPerEpoch * BatchSize;
        return (start, (int)Math.Min(BatchSize, Rows - start));
    }
}
