using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Export;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>Models of one number that goes through layers of a width: what they compute does not matter, what they weigh does.</summary>
internal static class SmallModels
{
    /// <summary>Writes one; its weights take four times the square of the width, in bytes.</summary>
    public static void Write(string path, int width)
    {
        LinearLayer[] layers = [new(1, width), new(width, width), new(width, 1)];
        var plan = new ModelPlan(
            [new("x", "x", new NumberTransform(0, 0, 1), [], 1)],
            [],
            1,
            [
                new()
                {
                    Name = "y",
                    Column = "y",
                    Type = FeatureType.Number,
                    Loss = LossKind.MeanSquared,
                    Layers = layers,
                },
            ]
        );
        using var file = File.Create(path);
        OnnxExporter.Write(
            plan,
            [
                .. layers.SelectMany(
                    (layer, i) =>
                        new[]
                        {
                            Parameter($"{i}.weight", [Outputs(i, width), Inputs(i, width)], width),
                            Parameter($"{i}.bias", [Outputs(i, width)], width),
                        }
                ),
            ],
            file
        );
    }

    private static long Inputs(int layer, int width) => layer == 0 ? 1 : width;

    private static long Outputs(int layer, int width) => layer == 2 ? 1 : width;

    private static NamedParameter Parameter(string name, long[] shape, int width)
    {
        var (layer, rest) = (int.Parse(name[..1], null), name[1..]);
        var values = new float[shape.Aggregate(1L, (product, d) => product * d)];
        Array.Fill(values, 1f / width);
        return new($"{ParameterNames.Layer(ParameterNames.Head("y"), layer)}{rest}", shape, values);
    }
}
