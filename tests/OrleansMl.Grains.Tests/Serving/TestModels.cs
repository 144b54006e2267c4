using System.Runtime.InteropServices;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Tests.Serving;

internal static class TestModels
{
    public static ModelSignature Signature { get; } =
        new()
        {
            Inputs =
            [
                new TensorSignature
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = [-1, 2],
                },
            ],
            Outputs =
            [
                new TensorSignature
                {
                    Name = "y",
                    Datatype = "FP32",
                    Shape = [-1, 2],
                },
            ],
            Task = "regression",
        };

    public static ArtifactId Artifact(string content) =>
        ArtifactId.Of(System.Text.Encoding.UTF8.GetBytes(content));

    public static Evaluation Scores(double accuracy) =>
        new()
        {
            Split = "test",
            Examples = 100,
            Metrics = new Dictionary<string, double> { ["accuracy"] = accuracy },
        };

    public static ModelRegistration Registration(
        string command,
        double accuracy = 0.9,
        params string[] rules
    ) =>
        new()
        {
            CommandId = command,
            Onnx = Artifact($"onnx {command}"),
            Weights = Artifact($"weights {command}"),
            Signature = Signature,
            Lineage = new ModelLineage { Source = "a test" },
            Evaluations = [Scores(accuracy)],
            PromotionRules = rules,
        };

    public static InferenceRequest Request(params float[] values) =>
        new()
        {
            Id = "r1",
            Inputs =
            [
                new InferenceTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = [values.Length / 2, 2],
                    Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
                },
            ],
        };
}
