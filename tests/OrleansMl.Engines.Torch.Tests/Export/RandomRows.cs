using System.Globalization;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Tests.Datasets;

namespace OrleansMl.Engines.Torch.Tests.Export;

/// <summary>Seeded rows for the inputs and targets of any plan: missing numbers and values outside a vocabulary too.</summary>
internal static class RandomRows
{
    public static MemoryDataset Of(ModelPlan plan, int rows, int seed)
    {
        var data = new MemoryDataset(rows);
        foreach (var input in plan.Inputs)
            AddInput(data, input, new Random(HashCode(seed, input.Name)));
        foreach (var head in plan.Heads)
            AddTarget(data, head, new Random(HashCode(seed, head.Name)));
        return data;
    }

    private static void AddInput(MemoryDataset data, InputPlan input, Random random)
    {
        switch (input.Transform)
        {
            case ImageTransform image:
                data.Image(
                    input.Column,
                    image.Height,
                    image.Width,
                    image.Channels,
                    _ => Pixels(random, image.Height * image.Width * image.Channels)
                );
                break;
            case NumberTransform:
                data.Number(
                    input.Column,
                    row => row % 9 == 0 ? double.NaN : (random.NextDouble() * 20) - 10
                );
                break;
            case CategoryTransform { FromInteger: true } category:
                data.Integer(
                    input.Column,
                    row =>
                        row % 7 == 0
                            ? 999
                            : long.Parse(Pick(category, random), CultureInfo.InvariantCulture)
                );
                break;
            case CategoryTransform category:
                data.Text(
                    input.Column,
                    row =>
                        row % 7 == 0 ? null
                        : row % 5 == 0 ? "nowhere"
                        : Pick(category, random)
                );
                break;
            case BinaryTransform:
                data.Boolean(input.Column, _ => random.Next(2) == 1);
                break;
            case VectorTransform vector:
                data.Vector(
                    input.Column,
                    vector.Length,
                    _ =>
                        [
                            .. Enumerable
                                .Range(0, vector.Length)
                                .Select(_ => (random.NextSingle() * 4) - 2),
                        ]
                );
                break;
            default:
                throw new NotSupportedException(input.Transform.GetType().Name);
        }
    }

    private static void AddTarget(MemoryDataset data, HeadPlan head, Random random)
    {
        switch (head.Type)
        {
            case FeatureType.Category when head.IntegerClasses:
                data.Integer(
                    head.Column,
                    _ =>
                        long.Parse(
                            head.Classes[random.Next(head.Classes.Count)],
                            CultureInfo.InvariantCulture
                        )
                );
                break;
            case FeatureType.Category:
                data.Text(head.Column, _ => head.Classes[random.Next(head.Classes.Count)]);
                break;
            case FeatureType.Binary:
                data.Boolean(head.Column, _ => random.Next(2) == 1);
                break;
            default:
                data.Number(head.Column, _ => random.NextDouble() * 30);
                break;
        }
    }

    private static string Pick(CategoryTransform category, Random random) =>
        category.Values[random.Next(category.Values.Count)];

    private static byte[] Pixels(Random random, int count)
    {
        var pixels = new byte[count];
        random.NextBytes(pixels);
        return pixels;
    }

    // string.GetHashCode differs from process to process.
    private static int HashCode(int seed, string name) =>
        name.Aggregate(seed, (hash, c) => unchecked((hash * 31) + c));
}
