using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Metrics;
using OrleansMl.Engines.Torch.Datasets;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>
/// Adds up loss and scores of training steps. On the processor it reads each step's values, which costs nothing there;
/// on a device it keeps them until somebody asks, so that no step waits for the device.
/// </summary>
internal sealed class StepMeter(IReadOnlyList<HeadPlan> heads, torch.Device device) : IDisposable
{
    private readonly List<(long Step, torch.Tensor Loss, int Rows)> _pending = [];

    /// <summary>Since the last step metrics.</summary>
    public StepSums Interval { get; private set; } = StepSums.Empty(heads.Count);

    /// <summary>Since the epoch began; <see cref="Interval"/> is added when it ends.</summary>
    public StepSums Epoch { get; private set; } = StepSums.Empty(heads.Count);

    /// <summary>Adds a step.</summary>
    /// <param name="step">Its number, from 1.</param>
    /// <param name="loss">A scalar.</param>
    /// <param name="outputs">A tensor a head.</param>
    /// <param name="batch">What they are for, on the processor.</param>
    /// <param name="reported">Whether this step's metrics are reported.</param>
    public void Add(
        long step,
        torch.Tensor loss,
        IReadOnlyList<torch.Tensor> outputs,
        Batch batch,
        bool reported
    )
    {
        var onProcessor = device.type == DeviceType.CPU;
        if (onProcessor)
            AddLoss(step, loss.item<float>(), batch.Rows);
        else
            _pending.Add((step, loss.detach().DetachFromDisposeScope(), batch.Rows));
        if (!onProcessor && !reported)
            return;
        for (var i = 0; i < heads.Count; i++)
            Interval.Scores[i] += Score(heads[i], outputs[i].detach().cpu(), batch.Targets[i]);
        Interval.ScoredRows += batch.Rows;
    }

    /// <summary>Reads what is pending.</summary>
    /// <exception cref="InvalidInputException">A step's loss isn't finite.</exception>
    public void Settle()
    {
        foreach (var (step, loss, rows) in _pending)
        {
            using (loss)
                AddLoss(step, loss.item<float>(), rows);
        }
        _pending.Clear();
    }

    /// <summary>Ends the interval: its metrics, by name.</summary>
    public Dictionary<string, double> EndInterval()
    {
        Settle();
        var metrics = Metrics(Interval);
        Epoch.Add(Interval);
        Interval = StepSums.Empty(heads.Count);
        return metrics;
    }

    /// <summary>Ends the epoch: its metrics, by name. The interval goes on.</summary>
    public Dictionary<string, double> EndEpoch()
    {
        EndInterval();
        var metrics = Metrics(Epoch);
        Epoch = StepSums.Empty(heads.Count);
        return metrics;
    }

    /// <summary>Goes on from a checkpoint.</summary>
    public void Restore(StepSums interval, StepSums epoch)
    {
        Interval = interval;
        Epoch = epoch;
    }

    public void Dispose()
    {
        foreach (var (_, loss, _) in _pending)
            loss.Dispose();
        _pending.Clear();
    }

    private Dictionary<string, double> Metrics(StepSums sums)
    {
        var metrics = new Dictionary<string, double>();
        if (sums.Rows > 0)
            metrics[MetricNames.Loss] = sums.Loss / sums.Rows;
        for (var i = 0; i < heads.Count && sums.ScoredRows > 0; i++)
        {
            var name =
                heads[i].Type is FeatureType.Number
                    ? MetricNames.MeanAbsoluteError
                    : MetricNames.Accuracy;
            metrics[MetricNames.Prefix(heads[i].Name, heads.Count) + name] =
                sums.Scores[i] / sums.ScoredRows;
        }
        return metrics;
    }

    private void AddLoss(long step, float loss, int rows)
    {
        if (!float.IsFinite(loss))
            throw new InvalidInputException(
                $"The loss of step {step} is {loss}: training has diverged, and another try would too. Lower trainer.optimizer.learning_rate, set trainer.clip_norm (1 is usual), add warm-up steps, or look for extreme values in the numbers that are predicted."
            );
        Interval.Loss += (double)loss * rows;
        Interval.Rows += rows;
    }

    private static double Score(HeadPlan head, torch.Tensor output, torch.Tensor target)
    {
        var values = MemoryMarshal.Cast<byte, float>(output.bytes);
        var score = 0.0;
        if (head.Type is FeatureType.Category)
        {
            var classes = MemoryMarshal.Cast<byte, long>(target.bytes);
            var width = values.Length / classes.Length;
            for (var row = 0; row < classes.Length; row++)
            {
                var logits = values.Slice(row * width, width);
                score += Evaluator.IndexOfMax(logits) == classes[row] ? 1 : 0;
            }
            return score;
        }
        var targets = MemoryMarshal.Cast<byte, float>(target.bytes);
        for (var row = 0; row < targets.Length; row++)
        {
            score +=
                head.Type is FeatureType.Binary
                    ? values[row] > 0 == targets[row] > 0.5f
                        ? 1
                        : 0
                    : Math.Abs((double)values[row] - targets[row]) * head.TargetScale;
        }
        return score;
    }
}
