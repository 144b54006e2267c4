using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Safetensors;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Export;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>What a finished training leaves in its folder: the ONNX model, the weights, and the golden sample to check the one against the other.</summary>
internal sealed class ModelFiles(string folder)
{
    /// <summary>Nearest that two classes may be for a golden label: below it rounding may choose either.</summary>
    private const float SmallestMargin = 1e-3f;

    /// <summary>The exported model.</summary>
    public string OnnxPath { get; } = Path.Combine(folder, "model.onnx");

    /// <summary>The trained arrays.</summary>
    public string WeightsPath { get; } = Path.Combine(folder, "weights.safetensors");

    /// <summary>Raw inputs and the network's outputs.</summary>
    public string GoldenPath { get; } = Path.Combine(folder, "golden.json");

    /// <summary>Writes all three.</summary>
    public void Write(Network network, TrainingTables tables, torch.Device device)
    {
        var state = network.Parameters.ToNamed();
        using (var stream = File.Create(OnnxPath))
            OnnxExporter.Write(network.Plan, state, stream);
        new SafetensorsFile(
            [
                .. state.Select(array =>
                    SafetensorsTensor.Of(array.Name, array.Shape, array.Values.Span)
                ),
            ],
            new Dictionary<string, string> { ["format"] = "pt" }
        ).Write(WeightsPath);
        Golden(network, tables, device).Write(GoldenPath);
    }

    private static GoldenSample Golden(Network network, TrainingTables tables, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        using var assembler = new BatchAssembler(tables.RawSplit, network.Plan);
        var rows = Enumerable.Range(0, (int)tables.RawInputs[0].Shape[0]).ToArray();
        var outputs = network.Forward(assembler.Assemble(rows).To(device), training: false);
        var signature = PlanSignature.Of(network.Plan).Outputs.ToDictionary(o => o.Name);
        return new GoldenSample(
            tables.RawInputs,
            [
                .. network.Plan.Heads.SelectMany(
                    (head, i) => Outputs(head, HeadPrediction.Of(head, outputs[i]), signature)
                ),
            ]
        );
    }

    private static IEnumerable<InferenceTensor> Outputs(
        HeadPlan head,
        HeadPrediction prediction,
        Dictionary<string, TensorSignature> signature
    )
    {
        var floats = MemoryMarshal.AsBytes(prediction.Values.AsSpan()).ToArray();
        switch (head.Type)
        {
            case FeatureType.Category:
                var rows = prediction.Classes.Length;
                yield return Tensor(
                    signature[PlanSignature.ProbabilitiesOutput(head)],
                    [rows, head.Classes.Count],
                    floats
                );
                var clear = prediction.Values.Chunk(head.Classes.Count).All(IsClear);
                if (clear)
                    yield return Tensor(
                        signature[head.Name],
                        [rows],
                        [.. prediction.Classes.SelectMany(c => LabelBytes(head, head.Classes[c]))]
                    );
                break;
            case FeatureType.Binary:
                yield return Tensor(
                    signature[PlanSignature.ProbabilityOutput(head)],
                    [prediction.Values.Length],
                    floats
                );
                if (prediction.Values.All(p => Math.Abs(p - 0.5f) > SmallestMargin))
                    yield return Tensor(
                        signature[head.Name],
                        [prediction.Values.Length],
                        [.. prediction.Values.Select(p => (byte)(p > 0.5f ? 1 : 0))]
                    );
                break;
            default:
                yield return Tensor(signature[head.Name], [prediction.Values.Length], floats);
                break;
        }
    }

    private static bool IsClear(float[] probabilities)
    {
        var best = probabilities.OrderDescending().Take(2).ToArray();
        return best[0] - best[1] > SmallestMargin;
    }

    private static byte[] LabelBytes(HeadPlan head, string label)
    {
        if (head.IntegerClasses)
            return BitConverter.GetBytes(long.Parse(label, CultureInfo.InvariantCulture));
        var text = Encoding.UTF8.GetBytes(label);
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, (uint)text.Length);
        return [.. prefix, .. text];
    }

    private static InferenceTensor Tensor(
        TensorSignature signature,
        IReadOnlyList<long> shape,
        byte[] data
    ) =>
        new()
        {
            Name = signature.Name,
            Datatype = signature.Datatype,
            Shape = shape,
            Data = data,
        };
}
