using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Export;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>The models that are served: two dense layers over 784 features, with weights from a seed.</summary>
internal static class ServingModels
{
    public const string Input = "x";
    public const string Output = "y_probabilities";
    public const int Features = 784;

    private const int Seed = 7;

    /// <summary>Writes a model of so many hidden units and classes.</summary>
    public static void Write(string path, int hidden, int classes)
    {
        var plan = new ModelPlan(
            [
                new(
                    Input,
                    Input,
                    new VectorTransform(
                        Features,
                        new float[Features],
                        [.. Enumerable.Repeat(1f, Features)]
                    ),
                    [],
                    Features
                ),
            ],
            [new LinearLayer(Features, hidden), new ActivationLayer(ActivationKind.Relu)],
            hidden,
            [
                new()
                {
                    Name = "y",
                    Column = "y",
                    Type = FeatureType.Category,
                    Loss = LossKind.CrossEntropy,
                    Classes = [.. Enumerable.Range(0, classes).Select(i => $"{i}")],
                    IntegerClasses = true,
                    Layers = [new LinearLayer(hidden, classes)],
                },
            ]
        );
        var random = new Random(Seed);
        using var file = File.Create(path);
        OnnxExporter.Write(
            plan,
            ParameterNames
                .Of(plan)
                .Select(spec => new NamedParameter(
                    spec.Name,
                    spec.Shape,
                    Weights(random, spec.Shape.Aggregate(1L, (product, d) => product * d))
                )),
            file
        );
    }

    private static float[] Weights(Random random, long count)
    {
        var weights = new float[count];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = (random.NextSingle() - 0.5f) / 16;
        return weights;
    }
}
