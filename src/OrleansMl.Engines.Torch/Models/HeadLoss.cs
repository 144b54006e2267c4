using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Datasets;
using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>The loss of a network: its heads' losses, weighted and summed.</summary>
internal sealed class HeadLoss : IDisposable
{
    private readonly IReadOnlyList<HeadPlan> _heads;
    private readonly IReadOnlyList<torch.Tensor?> _classWeights;

    /// <summary>Prepares for a plan's heads.</summary>
    public HeadLoss(IReadOnlyList<HeadPlan> heads, torch.Device device)
    {
        _heads = heads;
        using var scope = torch.NewDisposeScope();
        _classWeights =
        [
            .. heads.Select(head =>
                head is { Type: FeatureType.Category, ClassWeights.Count: > 0 }
                    ? torch.tensor(head.ClassWeights.ToArray()).to(device).DetachFromDisposeScope()
                    : null
            ),
        ];
    }

    public void Dispose()
    {
        foreach (var weights in _classWeights)
            weights?.Dispose();
    }

    /// <summary>The mean over a batch's rows, a scalar.</summary>
    public torch.Tensor Of(IReadOnlyList<torch.Tensor> outputs, Batch batch)
    {
        torch.Tensor? total = null;
        for (var i = 0; i < _heads.Count; i++)
        {
            var loss = Of(i, outputs[i], batch.Targets[i]);
            if (_heads[i].Weight != 1)
                loss = loss.mul(_heads[i].Weight);
            total = total is null ? loss : total + loss;
        }
        return total!;
    }

    private torch.Tensor Of(int index, torch.Tensor output, torch.Tensor target)
    {
        var head = _heads[index];
        return head.Loss switch
        {
            LossKind.CrossEntropy => cross_entropy(
                output,
                target,
                _classWeights[index],
                label_smoothing: head.LabelSmoothing
            ),
            LossKind.BinaryCrossEntropy => Binary(head, output.view(-1), target),
            LossKind.MeanSquared => mse_loss(output.view(-1), target),
            LossKind.MeanAbsolute => l1_loss(output.view(-1), target),
            LossKind.Huber => huber_loss(output.view(-1), target, head.HuberDelta),
            _ => throw new NotSupportedException($"The loss {head.Loss} is unknown."),
        };
    }

    private static torch.Tensor Binary(HeadPlan head, torch.Tensor output, torch.Tensor target)
    {
        // By the true class: smoothing below changes what is learned, not how much a row counts.
        var weight = head.ClassWeights is [var negative, var positive]
            ? target.mul(positive - negative).add(negative)
            : null;
        var smoothed =
            head.LabelSmoothing == 0
                ? target
                : target.mul(1 - head.LabelSmoothing).add(head.LabelSmoothing / 2);
        return binary_cross_entropy_with_logits(output, smoothed, weight);
    }
}
