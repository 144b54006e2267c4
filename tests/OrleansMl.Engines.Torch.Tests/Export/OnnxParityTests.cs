using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Onnx;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Export;
using OrleansMl.Engines.Torch.Models;
using OrleansMl.Engines.Torch.Tests.Datasets;
using OrleansMl.Engines.Torch.Training;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Tests.Export;

/// <summary>The same random rows through the network that trains and through ONNX Runtime.</summary>
public sealed class OnnxParityTests
{
    private const float Tolerance = 1e-4f;
    private const int Rows = 64;

    public static TheoryData<string> PlanNames => [.. Plans.All.Keys];

    [Theory]
    [MemberData(nameof(PlanNames))]
    public void Torch_and_onnx_runtime_agree_within_1e4_on_random_inputs(string name)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var plan = Plans.All[name];
            var parameters = RandomParameters.Of(plan, seed).ToList();
            var data = RandomRows.Of(plan, Rows, seed);
            var columns = data.ReadShard(
                    "",
                    [],
                    [.. plan.Inputs.Select(i => i.Column), .. plan.Heads.Select(h => h.Column)]
                )
                .Single();
            var raw = new RawInputRecorder(plan, Rows);
            for (var row = 0; row < Rows; row++)
                raw.Add(columns.Columns, row);

            var onnx = RunOnnx(plan, parameters, raw.ToTensors());
            var torch = RunTorch(plan, parameters, data);

            foreach (var (head, prediction) in plan.Heads.Zip(torch))
            {
                var output = onnx[ScoreOutput(head)];
                var distance = prediction.Values.Zip(output, (a, b) => Math.Abs(a - b)).Max();
                Assert.Equal(prediction.Values.Length, output.Length);
                Assert.True(
                    distance < Tolerance,
                    $"{name}, head {head.Name}, seed {seed}: torch and ONNX Runtime differ by {distance}."
                );
                // Not all alike: a network that ignores its inputs would agree too.
                Assert.True(
                    output.Distinct().Count() > 10,
                    $"{name}, head {head.Name}: every row has the same score."
                );
            }
        }
    }

    private static string ScoreOutput(HeadPlan head) =>
        head.Type switch
        {
            FeatureType.Category => PlanSignature.ProbabilitiesOutput(head),
            FeatureType.Binary => PlanSignature.ProbabilityOutput(head),
            _ => head.Name,
        };

    private static IReadOnlyList<HeadPrediction> RunTorch(
        ModelPlan plan,
        List<NamedParameter> values,
        MemoryDataset data
    )
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        using var parameters = NetworkParameters.Initialize(plan, 1, torch.CPU);
        parameters.Set([.. values.Select(v => v.Values.ToArray())]);
        var tables = new TableLoader(data, long.MaxValue).Load(
            plan,
            data.Manifest,
            ["memory"],
            TestContext.Current.CancellationToken
        );
        using var assembler = new BatchAssembler(tables.Train, plan);
        var outputs = new Network(plan, parameters).Forward(
            assembler.Assemble([.. Enumerable.Range(0, Rows)]),
            training: false
        );
        return [.. plan.Heads.Select((head, i) => HeadPrediction.Of(head, outputs[i]))];
    }

    private static Dictionary<string, float[]> RunOnnx(
        ModelPlan plan,
        List<NamedParameter> parameters,
        IReadOnlyList<InferenceTensor> inputs
    )
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = File.Create(path))
                OnnxExporter.Write(plan, parameters, file);
            using var services = new ServiceCollection()
                .AddLogging()
                .AddSingleton(TimeProvider.System)
                .AddOnnxEngine()
                .BuildServiceProvider();
            using var session = services
                .GetRequiredService<IInferenceEngine>()
                .Load(path, PlanSignature.Of(plan));
            return session
                .Run(inputs, [.. plan.Heads.Select(ScoreOutput)])
                .ToDictionary(
                    o => o.Name,
                    o => MemoryMarshal.Cast<byte, float>(o.Data.Span).ToArray()
                );
        }
        finally
        {
            File.Delete(path);
        }
    }
}
