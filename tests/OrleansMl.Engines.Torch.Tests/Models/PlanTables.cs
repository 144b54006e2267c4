using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Tests.Datasets;

namespace OrleansMl.Engines.Torch.Tests.Models;

/// <summary>Random rows for a plan, through the loader.</summary>
internal static class PlanTables
{
    public static TrainingTables Of(ModelPlan plan, int rows, int seed)
    {
        var dataset = new MemoryDataset(rows);
        foreach (var input in plan.Inputs)
            AddInput(dataset, input, new Random(seed + input.Name.Length));
        foreach (var head in plan.Heads)
            AddHead(dataset, head, new Random(seed + 100 + head.Name.Length));
        return new TableLoader(dataset, long.MaxValue).Load(
            plan,
            dataset.Manifest,
            ["memory"],
            TestContext.Current.CancellationToken
        );
    }

    private static void AddInput(MemoryDataset dataset, InputPlan input, Random random)
    {
        switch (input.Transform)
        {
            case ImageTransform image:
                dataset.Image(
                    input.Column,
                    image.Height,
                    image.Width,
                    image.Channels,
                    _ =>
                    {
                        var pixels = new byte[image.Height * image.Width * image.Channels];
                        random.NextBytes(pixels);
                        return pixels;
                    }
                );
                break;
            case NumberTransform:
                dataset.Number(
                    input.Column,
                    _ => random.Next(6) == 0 ? double.NaN : random.NextDouble() * 8
                );
                break;
            case BinaryTransform:
                dataset.Boolean(
                    input.Column,
                    _ => random.Next(6) == 0 ? null : random.Next(2) == 0
                );
                break;
            case VectorTransform vector:
                dataset.Vector(
                    input.Column,
                    vector.Length,
                    _ =>
                        [.. Enumerable.Range(0, vector.Length).Select(_ => random.NextSingle() * 4)]
                );
                break;
            case CategoryTransform { FromInteger: true } category:
                dataset.Integer(
                    input.Column,
                    _ => random.Next(5) == 0 ? 999 : long.Parse(Pick(category.Values, random))
                );
                break;
            case CategoryTransform category:
                dataset.Text(
                    input.Column,
                    _ =>
                        random.Next(6) switch
                        {
                            0 => null,
                            1 => "unknown to it",
                            _ => Pick(category.Values, random),
                        }
                );
                break;
        }
    }

    private static void AddHead(MemoryDataset dataset, HeadPlan head, Random random)
    {
        if (head.Type is FeatureType.Number)
            dataset.Number(head.Column, _ => random.NextDouble() * 5);
        else if (head.Type is FeatureType.Binary)
            dataset.Boolean(head.Column, _ => random.Next(2) == 0);
        else if (head.IntegerClasses)
            dataset.Integer(head.Column, _ => long.Parse(Pick(head.Classes, random)));
        else
            dataset.Text(head.Column, _ => Pick(head.Classes, random));
    }

    private static string Pick(IReadOnlyList<string> values, Random random) =>
        values[random.Next(values.Count)];
}
