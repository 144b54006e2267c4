using System.Runtime.InteropServices;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Metrics;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>Scores a network as the exported model answers: labels by the largest logit, probabilities, numbers in their own unit.</summary>
internal sealed class Evaluator(Network network, HeadLoss loss, torch.Device device)
{
    /// <summary>Scores all rows of a table.</summary>
    /// <param name="table">One or more rows.</param>
    /// <param name="batchSize">Rows at a time.</param>
    /// <param name="stop">Looked at between batches.</param>
    public ModelMetrics Evaluate(SplitTable table, int batchSize, CancellationToken stop)
    {
        var metrics = new ModelMetrics(network.Plan.Heads);
        using var noGradient = torch.no_grad();
        using var assembler = new BatchAssembler(table, network.Plan);
        var rows = new int[Math.Min(batchSize, table.Rows)];
        for (var start = 0; start < table.Rows; start += rows.Length)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            var count = Math.Min(rows.Length, table.Rows - start);
            for (var i = 0; i < count; i++)
                rows[i] = start + i;
            var batch = assembler.Assemble(rows.AsSpan(0, count));
            var there = batch.To(device);
            var outputs = network.Forward(there, training: false);
            metrics.AddLoss(loss.Of(outputs, there).item<float>(), count);
            for (var i = 0; i < outputs.Count; i++)
                Add(metrics, i, outputs[i], batch.Targets[i]);
        }
        return metrics;
    }

    /// <summary>The class of the largest logit, of equal ones the first.</summary>
    public static int IndexOfMax(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var c = 1; c < logits.Length; c++)
        {
            if (logits[c] > logits[best])
                best = c;
        }
        return best;
    }

    private void Add(ModelMetrics metrics, int index, torch.Tensor output, torch.Tensor target)
    {
        var head = network.Plan.Heads[index];
        var prediction = HeadPrediction.Of(head, output);
        switch (head.Type)
        {
            case FeatureType.Category:
                var targets = MemoryMarshal.Cast<byte, long>(target.bytes);
                var classes = new int[targets.Length];
                for (var i = 0; i < classes.Length; i++)
                    classes[i] = (int)targets[i];
                metrics.Category(index).Add(prediction.Values, prediction.Classes, classes);
                break;
            case FeatureType.Binary:
                var flags = MemoryMarshal.Cast<byte, float>(target.bytes);
                var truths = new bool[flags.Length];
                for (var i = 0; i < truths.Length; i++)
                    truths[i] = flags[i] > 0.5f;
                metrics.Binary(index).Add(prediction.Values, truths);
                break;
            default:
                var scaled = MemoryMarshal.Cast<byte, float>(target.bytes);
                var values = new float[scaled.Length];
                for (var i = 0; i < values.Length; i++)
                    values[i] = (scaled[i] * head.TargetScale) + head.TargetShift;
                metrics.Number(index).Add(prediction.Values, values);
                break;
        }
    }
}
