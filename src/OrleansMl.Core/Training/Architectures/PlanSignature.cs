using OrleansMl.Contracts.Models;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>What a plan's exported model takes and gives: the one place that names its tensors.</summary>
public static class PlanSignature
{
    /// <summary>The signature of the exported model; the first dimension of every tensor is the batch.</summary>
    public static ModelSignature Of(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var classes = plan.Heads.FirstOrDefault(h => h.Type == FeatureType.Category)?.Classes ?? [];
        return new ModelSignature
        {
            Inputs = [.. plan.Inputs.Select(Input)],
            Outputs = [.. plan.Heads.SelectMany(Outputs)],
            ClassLabels = classes,
            Task = plan.Heads[0].Type switch
            {
                FeatureType.Category => "classification",
                FeatureType.Binary => "binary",
                FeatureType.Number => "regression",
                _ => "unknown",
            },
        };
    }

    /// <summary>The output with a category's probabilities, N×C.</summary>
    public static string ProbabilitiesOutput(HeadPlan head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return $"{head.Name}_probabilities";
    }

    /// <summary>The output with the probability of true, N.</summary>
    public static string ProbabilityOutput(HeadPlan head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return $"{head.Name}_probability";
    }

    private static TensorSignature Input(InputPlan input) =>
        input.Transform switch
        {
            ImageTransform image => Tensor(
                input.Name,
                "UINT8",
                -1,
                image.Height,
                image.Width,
                image.Channels
            ),
            NumberTransform number => Tensor(input.Name, "FP32", -1, 1) with
            {
                AllowsMissing = number.AllowsMissing,
            },
            CategoryTransform category => Tensor(
                input.Name,
                category.FromInteger ? "INT64" : "BYTES",
                -1,
                1
            ) with
            {
                AllowsMissing = category.AllowsMissing,
            },
            // No missing value can be told by a BOOL, and the graph fills none in: who predicts gives it.
            BinaryTransform => Tensor(input.Name, "BOOL", -1, 1),
            VectorTransform vector => Tensor(input.Name, "FP32", -1, vector.Length),
            _ => throw new NotSupportedException(
                $"{input.Transform.GetType().Name} has no signature."
            ),
        };

    private static IEnumerable<TensorSignature> Outputs(HeadPlan head) =>
        head.Type switch
        {
            FeatureType.Category =>
            [
                Tensor(head.Name, head.IntegerClasses ? "INT64" : "BYTES", -1),
                Tensor(ProbabilitiesOutput(head), "FP32", -1, head.Classes.Count),
            ],
            FeatureType.Binary =>
            [
                Tensor(head.Name, "BOOL", -1),
                Tensor(ProbabilityOutput(head), "FP32", -1),
            ],
            FeatureType.Number => [Tensor(head.Name, "FP32", -1)],
            _ => throw new NotSupportedException(
                $"An output of type {head.Type} has no signature."
            ),
        };

    private static TensorSignature Tensor(
        string name,
        string datatype,
        params IReadOnlyList<long> shape
    ) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
        };
}
