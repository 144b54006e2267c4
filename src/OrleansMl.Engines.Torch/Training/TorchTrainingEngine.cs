using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Engines.Torch.Datasets;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>
/// Trains with LibTorch. One training a process at a time: torch's random generator and its threads belong to the
/// process.
/// </summary>
public sealed class TorchTrainingEngine : ITrainingEngine
{
    // Of the process, not of the engine: two trainings would draw from one generator and neither would be repeatable.
    private static int s_busy;
    private readonly IDatasetReader _reader;
    private readonly TimeProvider _time;
    private readonly TorchTrainingOptions _options;

    /// <summary>Makes the engine; LibTorch is loaded by the first training.</summary>
    /// <param name="reader">Reads the dataset's shards.</param>
    /// <param name="time">For seconds of training and between checkpoints.</param>
    /// <param name="options">Limits; null: the defaults.</param>
    public TorchTrainingEngine(
        IDatasetReader reader,
        TimeProvider time,
        TorchTrainingOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(time);
        _reader = reader;
        _time = time;
        _options = options ?? new TorchTrainingOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    /// <exception cref="ConflictException">The process is at work on another training.</exception>
    public TrainingOutcome Train(TrainingJob job, ITrainingObserver observer)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(observer);
        if (Interlocked.Exchange(ref s_busy, 1) == 1)
            throw new ConflictException("This process is at work on another training.");
        try
        {
            return TrainAlone(job, observer);
        }
        finally
        {
            Volatile.Write(ref s_busy, 0);
        }
    }

    private TrainingOutcome TrainAlone(TrainingJob job, ITrainingObserver observer)
    {
        var plan = TrainingPlanner.Plan(job.Config, job.Dataset);
        var device = TrainingDevice.Find(job.Device);
        torch.set_num_threads(Math.Max(job.Threads, plan.Trainer.Threads));
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var loader = new TableLoader(_reader, (long)(memory * _options.DatasetMemoryShare));
        var tables = loader.Load(plan.Model, job.Dataset, job.ShardPaths, observer.Stop);
        Directory.CreateDirectory(job.ScratchDirectory);
        using var trainer = new Trainer(job, plan, tables, observer, _time, device);
        if (!trainer.Run())
            return new TrainingOutcome
            {
                HandedOver = true,
                Progress = trainer.Progress,
                TrainingSeconds = trainer.Seconds,
            };
        var evaluations = trainer.Evaluate();
        var files = new ModelFiles(job.ScratchDirectory);
        trainer.Write(files);
        return new TrainingOutcome
        {
            OnnxPath = files.OnnxPath,
            WeightsPath = files.WeightsPath,
            GoldenPath = files.GoldenPath,
            Signature = PlanSignature.Of(plan.Model),
            Evaluations = evaluations,
            Progress = trainer.Progress,
            TrainingSeconds = trainer.Seconds,
        };
    }
}
