using OrleansMl.Client.Serving;
using OrleansMl.Contracts.Serving;
using OrleansMl.Engines.Onnx.Tests.Serving;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>
/// The versions that the soak serves: y = x·W + b in whole numbers so small that 32-bit floating point holds every sum exactly, whatever
/// its order. The check works them out again in integers, by itself. No two versions answer alike to anything: their b are further
/// apart than x·W reaches.
/// </summary>
internal static class SoakModel
{
    public const string Name = "soak";
    public const int Versions = 6;
    public const int Features = 64;
    private const string Input = "x";
    private const string Output = "y";
    private const int Outputs = 4;
    private const int LargestInput = 8;
    private const int LargestWeight = 7;
    private const int BetweenVersions = 3 * Features * LargestInput * LargestWeight;

    /// <summary>The version's ONNX file.</summary>
    public static byte[] Onnx(int version)
    {
        var weights = new float[Features * Outputs];
        var bias = new float[Outputs];
        for (var output = 0; output < Outputs; output++)
        {
            bias[output] = Bias(version, output);
            for (var feature = 0; feature < Features; feature++)
                weights[(feature * Outputs) + output] = Weight(version, feature, output);
        }
        return OnnxBytes.Model(
            OnnxBytes.Graph(
                OnnxBytes.Input(Input, OnnxBytes.Float, "batch", Features),
                OnnxBytes.Output(Output, OnnxBytes.Float, "batch", Outputs),
                OnnxBytes.Node("MatMul", [Input, "w"], ["product"]),
                OnnxBytes.Node("Add", ["product", "b"], [Output]),
                OnnxBytes.Constant(
                    "w",
                    OnnxBytes.Float,
                    [Features, Outputs],
                    OnnxBytes.Raw(weights)
                ),
                OnnxBytes.Constant("b", OnnxBytes.Float, [Outputs], OnnxBytes.Raw(bias))
            )
        );
    }

    /// <summary>Rows of random whole numbers.</summary>
    public static float[] Rows(Random random, int count)
    {
        var rows = new float[count * Features];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = random.Next(-LargestInput, LargestInput + 1);
        return rows;
    }

    /// <summary>The rows as the model takes them.</summary>
    public static InferenceTensor Tensor(float[] rows) =>
        TensorData.Float32(Input, rows, rows.Length / Features, Features);

    /// <summary>What a version answers to rows.</summary>
    public static InferenceTensor Answer(float[] rows, int version)
    {
        var count = rows.Length / Features;
        var values = new float[count * Outputs];
        for (var i = 0; i < values.Length; i++)
            values[i] = Expected(
                version,
                rows.AsSpan(i / Outputs * Features, Features),
                i % Outputs
            );
        return TensorData.Float32(Output, values, count, Outputs);
    }

    /// <summary>What is wrong with an answer, judged by the version that it names; null: nothing.</summary>
    public static string? Problem(float[] rows, InferenceResponse answer)
    {
        var count = rows.Length / Features;
        if (answer.Model != Name || answer.Version is < 1 or > Versions)
            return $"it names {answer.Model}@{answer.Version}, which was not asked";
        if (
            answer.Outputs is not [{ Name: Output, Datatype: "FP32", Shape: [var rank, Outputs] } y]
            || rank != count
        )
            return $"it has not the one output {Output} of {count} rows, but {string.Join(", ", answer.Outputs.Select(o => $"{o.Name} {o.Datatype}[{string.Join(',', o.Shape)}]"))}";
        var values = y.AsFloat32();
        if (values.Length != count * Outputs)
            return $"it has {values.Length} numbers, expected {count * Outputs}";
        for (var row = 0; row < count; row++)
        {
            var x = rows.AsSpan(row * Features, Features);
            for (var output = 0; output < Outputs; output++)
            {
                var expected = Expected(answer.Version, x, output);
                var got = values[(row * Outputs) + output];
                // Whole numbers: exactly, or wrong.
                if (got != expected)
                    return $"row {row} of {count}, output {output}: version {answer.Version} gives {expected}, the answer says {got}";
            }
        }
        return null;
    }

    private static long Expected(int version, ReadOnlySpan<float> x, int output)
    {
        long sum = Bias(version, output);
        for (var feature = 0; feature < x.Length; feature++)
            sum += (long)x[feature] * Weight(version, feature, output);
        return sum;
    }

    private static int Weight(int version, int feature, int output) =>
        ((version * 31) + (feature * 17) + (output * 7) + (feature * output))
            % ((2 * LargestWeight) + 1)
        - LargestWeight;

    private static int Bias(int version, int output) => (version * BetweenVersions) + output;
}
