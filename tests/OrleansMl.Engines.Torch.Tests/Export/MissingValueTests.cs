using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Engines.Onnx;
using OrleansMl.Engines.Torch.Export;
using OrleansMl.Engines.Torch.Tests.Datasets;

namespace OrleansMl.Engines.Torch.Tests.Export;

/// <summary>A value left out by who predicts, from the plan through the exported graph to ONNX Runtime.</summary>
public sealed class MissingValueTests
{
    private const string Yaml = """
        model: m
        dataset: memory
        input_features:
          - { name: age, type: number }
          - { name: city, type: category }
        output_features: [{ name: price, type: number }]
        combiner: { type: concat, hidden: [4] }
        """;

    [Fact]
    public void A_missing_number_predicts_as_the_fill_does_and_a_missing_category_as_an_unknown_one()
    {
        var data = new MemoryDataset(90, 10)
            .Number("age", row => row % 9 == 0 ? double.NaN : row)
            .Text(
                "city",
                row =>
                    row % 7 == 0 ? null
                    : row % 2 == 0 ? "basel"
                    : "wien"
            )
            .Number("price", row => row * 3);
        var plan = TrainingPlanner.Plan(Yaml, data.Manifest).Model;
        var signature = PlanSignature.Of(plan);
        Assert.All(signature.Inputs, input => Assert.True(input.AllowsMissing, input.Name));
        var fill = ((NumberTransform)plan.Inputs[0].Transform).Fill;
        Assert.InRange(fill, 1, 89);

        var prices = Predict(
            plan,
            signature,
            [float.NaN, fill, 3, fill, fill],
            ["basel", "basel", "basel", "", "nowhere"]
        );

        Assert.Equal(prices[1], prices[0]);
        Assert.Equal(prices[4], prices[3]);
        // The inputs do count: else all would agree.
        Assert.NotEqual(prices[1], prices[2]);
        Assert.NotEqual(prices[1], prices[3]);
    }

    private static float[] Predict(
        ModelPlan plan,
        ModelSignature signature,
        float[] ages,
        string[] cities
    )
    {
        var request = new InferenceRequest
        {
            Inputs =
            [
                new InferenceTensor
                {
                    Name = "age",
                    Datatype = "FP32",
                    Shape = [ages.Length, 1],
                    Data = MemoryMarshal.AsBytes(ages.AsSpan()).ToArray(),
                },
                new InferenceTensor
                {
                    Name = "city",
                    Datatype = "BYTES",
                    Shape = [cities.Length, 1],
                    Data = cities
                        .SelectMany(city =>
                            BitConverter
                                .GetBytes((uint)city.Length)
                                .Concat(System.Text.Encoding.ASCII.GetBytes(city))
                        )
                        .ToArray(),
                },
            ],
        };
        var path = Path.GetTempFileName();
        try
        {
            using (var file = File.Create(path))
                OnnxExporter.Write(plan, RandomParameters.Of(plan, seed: 1), file);
            using var services = new ServiceCollection()
                .AddLogging()
                .AddSingleton(TimeProvider.System)
                .AddOnnxEngine()
                .BuildServiceProvider();
            using var session = services
                .GetRequiredService<IInferenceEngine>()
                .Load(path, signature);
            // What a predictor does with a request.
            var inputs = TensorValidation.Check(
                new ModelVersionId("m", 1),
                session.Signature,
                request
            );
            var output = Assert.Single(session.Run(inputs, []));
            return MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray();
        }
        finally
        {
            File.Delete(path);
        }
    }
}
