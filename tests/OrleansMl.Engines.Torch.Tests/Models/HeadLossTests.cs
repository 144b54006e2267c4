using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Tests.Models;

/// <summary>Losses against their definitions, worked out in doubles.</summary>
public sealed class HeadLossTests
{
    private static readonly float[] Outputs = [0.5f, -1.25f, 2f, 0.1f];
    private static readonly float[] Values = [1f, -1f, 0.25f, 3f];

    [Theory]
    [InlineData(LossKind.MeanSquared)]
    [InlineData(LossKind.MeanAbsolute)]
    [InlineData(LossKind.Huber)]
    public void Losses_of_numbers(LossKind kind)
    {
        var expected = Outputs
            .Zip(Values, (o, v) => Math.Abs((double)o - v))
            .Average(e =>
                kind switch
                {
                    LossKind.MeanSquared => e * e,
                    LossKind.MeanAbsolute => e,
                    _ => e <= 0.7 ? e * e / 2 : 0.7 * (e - 0.35),
                }
            );
        var head = Head(FeatureType.Number, kind) with { HuberDelta = 0.7f };
        Assert.Equal(expected, Loss([head], [Column(Outputs)], [torch.tensor(Values)]), 1e-6);
    }

    [Theory]
    [InlineData(0f, 1f, 1f)]
    [InlineData(0f, 0.5f, 3f)]
    [InlineData(0.2f, 0.5f, 3f)]
    public void The_logistic_loss_weighs_classes_and_smooths_targets(
        float smoothing,
        float negative,
        float positive
    )
    {
        float[] truths = [1, 0, 0, 1];
        var expected = Outputs
            .Zip(truths, (o, y) => (Logit: (double)o, Truth: (double)y))
            .Average(row =>
            {
                var target = (row.Truth * (1 - smoothing)) + (smoothing / 2);
                var loss = Math.Log(1 + Math.Exp(row.Logit)) - (target * row.Logit);
                return loss * (row.Truth == 1 ? positive : negative);
            });
        var head = Head(FeatureType.Binary, LossKind.BinaryCrossEntropy) with
        {
            ClassWeights = negative == positive ? [] : [negative, positive],
            LabelSmoothing = smoothing,
        };
        Assert.Equal(expected, Loss([head], [Column(Outputs)], [torch.tensor(truths)]), 1e-6);
    }

    [Fact]
    public void Cross_entropy_weighs_classes_and_heads_are_summed_by_weight()
    {
        float[][] logits =
        [
            [1, 2, -1],
            [0, 0.5f, 0.25f],
        ];
        long[] classes = [1, 2];
        double[] weights = [1, 2, 0.5];
        var losses = logits.Select(
            (row, i) => Math.Log(row.Sum(l => Math.Exp(l))) - row[(int)classes[i]]
        );
        var entropy =
            losses.Zip(classes, (loss, c) => loss * weights[c]).Sum()
            / classes.Sum(c => weights[c]);
        var category = Head(FeatureType.Category, LossKind.CrossEntropy) with
        {
            Classes = ["a", "b", "c"],
            ClassWeights = [1, 2, 0.5f],
            Weight = 3,
        };
        var number = Head(FeatureType.Number, LossKind.MeanAbsolute);
        var loss = Loss(
            [category, number],
            [torch.tensor(logits.SelectMany(l => l).ToArray()).view(2, 3), Column([1, 2])],
            [torch.tensor(classes), torch.tensor(new float[] { 2, 4 })]
        );
        Assert.Equal((3 * entropy) + 1.5, loss, 1e-5);
    }

    private static double Loss(
        HeadPlan[] heads,
        IReadOnlyList<torch.Tensor> outputs,
        IReadOnlyList<torch.Tensor> targets
    )
    {
        using var loss = new HeadLoss(heads, torch.CPU);
        return loss.Of(outputs, new Batch((int)targets[0].shape[0], [], targets)).item<float>();
    }

    private static torch.Tensor Column(float[] values) => torch.tensor(values).view(-1, 1);

    private static HeadPlan Head(FeatureType type, LossKind loss) =>
        new()
        {
            Name = "y",
            Column = "y",
            Type = type,
            Loss = loss,
            Layers = [],
        };
}
