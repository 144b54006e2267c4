using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Metrics;
using OrleansMl.Core.Training.Schedules;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>
/// The training loop of one attempt. Whatever is random (order, dropout, augmentation) is a pure function of the seed
/// and the epoch or step, so the weights after a step depend on nothing but the weights before it.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private readonly TrainingJob _job;
    private readonly TrainerConfig _config;
    private readonly TrainingTables _tables;
    private readonly ITrainingObserver _observer;
    private readonly TimeProvider _time;
    private readonly torch.Device _device;
    private readonly TrainingLength _length;
    private readonly Network _network;
    private readonly HeadLoss _loss;
    private readonly Optimizer _optimizer;
    private readonly Evaluator _evaluator;
    private readonly BatchAssembler _batches;
    private readonly StepMeter _meter;
    private readonly EarlyStopping? _earlyStopping;
    private readonly TrainingClock _clock;
    private readonly string _fingerprint;
    private readonly int[] _order;
    private readonly bool _hasDropout;
    private int _orderedEpoch;
    private long _step;
    private long _lastCheckpoint;

    public Trainer(
        TrainingJob job,
        TrainingPlan plan,
        TrainingTables tables,
        ITrainingObserver observer,
        TimeProvider time,
        torch.Device device
    )
    {
        _job = job;
        _config = plan.Trainer;
        _tables = tables;
        _observer = observer;
        _time = time;
        _device = device;
        _length = new TrainingLength(tables.Train.Rows, _config);
        _network = new Network(
            plan.Model,
            NetworkParameters.Initialize(plan.Model, _config.Seed, device)
        );
        _loss = new HeadLoss(plan.Model.Heads, device);
        _optimizer = Optimizer.Create(_config, _network.Parameters, device);
        _evaluator = new Evaluator(_network, _loss, device);
        _batches = new BatchAssembler(tables.Train, plan.Model, _config.Augmentation, _config.Seed);
        _meter = new StepMeter(plan.Model.Heads, device);
        _earlyStopping = _config.EarlyStopping is { } stopping ? new EarlyStopping(stopping) : null;
        _fingerprint = TrainingCheckpoint.FingerprintOf(job);
        _order = new int[tables.Train.Rows];
        _hasDropout = plan.Model.HasDropout();
        if (job.ResumeFrom is { } path)
            Restore(TrainingCheckpoint.Read(path, plan.Model, _optimizer.Slots, _fingerprint));
        _clock = new TrainingClock(time, job.TrainingSecondsBefore);
        _lastCheckpoint = time.GetTimestamp();
    }

    /// <summary>Steps done and to do.</summary>
    public TrainingProgress Progress =>
        new()
        {
            Step = _step,
            TotalSteps = _length.TotalSteps,
            Epoch = _length.EpochOf(Math.Max(0, _step - 1)),
            Epochs = _config.Epochs,
            ExamplesPerSecond = _clock.ExamplesPerSecond,
        };

    /// <summary>Seconds of training, earlier attempts included.</summary>
    public double Seconds => _clock.Seconds;

    /// <summary>Trains to the end; false when it stopped after a checkpoint because the silo leaves.</summary>
    /// <exception cref="OperationCanceledException">The observer asked to stop.</exception>
    public bool Run()
    {
        _observer.OnProgress(Progress, []);
        while (_step < _length.TotalSteps && _earlyStopping is not { Ended: true })
        {
            _observer.Stop.ThrowIfCancellationRequested();
            var reported =
                (_step + 1) % _config.LogEverySteps == 0 || _step + 1 == _length.TotalSteps;
            TakeStep(reported);
            if (reported)
                ReportStep();
            if (_step % _length.StepsPerEpoch == 0 || _step == _length.TotalSteps)
                EndEpoch();
            if (_observer.HandOverRequested)
            {
                WriteCheckpoint();
                return false;
            }
            if (CheckpointIsDue())
                WriteCheckpoint();
        }
        if (_earlyStopping?.BestWeights is { } best)
            _network.Parameters.Set(best);
        return true;
    }

    /// <summary>Scores the network on every split that has rows.</summary>
    public IReadOnlyList<Evaluation> Evaluate()
    {
        var evaluations = new List<Evaluation>();
        foreach (var table in _tables.Filled)
        {
            var evaluation = _clock.Pause(() => Evaluate(table)).ToEvaluation(table.Split);
            evaluations.Add(evaluation);
            if (table == _tables.Test)
                _observer.OnProgress(Progress, [Point(table.Split, evaluation.Metrics)]);
        }
        return evaluations;
    }

    /// <summary>Writes the model.</summary>
    public void Write(ModelFiles files) => files.Write(_network, _tables, _device);

    public void Dispose()
    {
        _meter.Dispose();
        _batches.Dispose();
        _optimizer.Dispose();
        _loss.Dispose();
        _network.Parameters.Dispose();
    }

    private void TakeStep(bool reported)
    {
        using var scope = torch.NewDisposeScope();
        var batch = _batches.Assemble(NextRows(), _step);
        var there = batch.To(_device);
        if (_hasDropout)
            torch.manual_seed(
                (long)(SplitMix64.For(_config.Seed, RandomPurpose.Dropout, _step).Next() >> 1)
            );
        var outputs = _network.Forward(there, training: true);
        var loss = _loss.Of(outputs, there);
        loss.backward();
        var rate = LearningRateSchedule.At(
            _config.Schedule,
            _config.Optimizer.LearningRate,
            _step,
            _length
        );
        _optimizer.Step(rate, _step + 1);
        _step++;
        _meter.Add(_step, loss, outputs, batch, reported);
        _clock.Count(batch.Rows);
    }

    private ReadOnlySpan<int> NextRows()
    {
        var epoch = _length.EpochOf(_step);
        if (epoch != _orderedEpoch)
        {
            EpochOrder.Write(_config.Seed, epoch, _order);
            _orderedEpoch = epoch;
        }
        var (start, count) = _length.RowsOf(_step);
        return _order.AsSpan((int)start, count);
    }

    private void ReportStep()
    {
        var metrics = _meter.EndInterval();
        metrics["learning_rate"] = LearningRateSchedule.At(
            _config.Schedule,
            _config.Optimizer.LearningRate,
            _step - 1,
            _length
        );
        _observer.OnProgress(Progress, [Point("step", metrics)]);
    }

    private void EndEpoch()
    {
        var points = new List<MetricPoint> { Point("train", _meter.EndEpoch()) };
        if (_tables.Validation.Rows > 0)
        {
            var metrics = _clock.Pause(() => Evaluate(_tables.Validation)).Compute();
            points.Add(Point("validation", metrics));
            _earlyStopping?.Observe(metrics, _network.Parameters.ToArrays);
        }
        _observer.OnProgress(Progress, points);
    }

    private ModelMetrics Evaluate(SplitTable table) =>
        _evaluator.Evaluate(table, _config.EvaluationBatchSize, _observer.Stop);

    private MetricPoint Point(string series, IReadOnlyDictionary<string, double> values) =>
        new()
        {
            Step = _step,
            Epoch = _length.EpochOf(Math.Max(0, _step - 1)),
            Series = series,
            ElapsedSeconds = _clock.Seconds,
            // JSON and charts know no infinity; a metric that isn't a number is left out.
            Values = values.Where(pair => double.IsFinite(pair.Value)).ToDictionary(),
        };

    private bool CheckpointIsDue()
    {
        if (_step >= _length.TotalSteps)
            return false;
        return (_config.CheckpointEverySteps is { } steps && _step % steps == 0)
            || (
                _config.CheckpointEverySeconds is { } seconds
                && _time.GetElapsedTime(_lastCheckpoint).TotalSeconds >= seconds
            );
    }

    private void WriteCheckpoint()
    {
        _meter.Settle();
        var path = Path.Combine(_job.ScratchDirectory, $"checkpoint-{_step:D10}.safetensors");
        _clock.Pause(() =>
        {
            ToCheckpoint().Write(path, _network.Plan);
            return path;
        });
        _lastCheckpoint = _time.GetTimestamp();
        _observer.OnCheckpoint(path, _step);
    }

    private TrainingCheckpoint ToCheckpoint() =>
        new()
        {
            Header = new CheckpointHeader
            {
                Format = CheckpointHeader.CurrentFormat,
                Fingerprint = _fingerprint,
                Step = _step,
                Seed = _config.Seed,
                Interval = _meter.Interval,
                Epoch = _meter.Epoch,
                Best = _earlyStopping?.Best,
                EpochsWithout = _earlyStopping?.EpochsWithout ?? 0,
            },
            Model = _network.Parameters.ToArrays(),
            Optimizer = _optimizer.Slots.ToDictionary(slot => slot, _optimizer.Read),
            Best = _earlyStopping?.BestWeights,
        };

    private void Restore(TrainingCheckpoint checkpoint)
    {
        _step = checkpoint.Header.Step;
        _network.Parameters.Set(checkpoint.Model);
        foreach (var (slot, values) in checkpoint.Optimizer)
            _optimizer.Write(slot, values);
        _meter.Restore(checkpoint.Header.Interval, checkpoint.Header.Epoch);
        _earlyStopping?.Restore(
            checkpoint.Header.Best,
            checkpoint.Header.EpochsWithout,
            checkpoint.Best
        );
    }
}
