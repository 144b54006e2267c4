using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>Reads a classifier's labels and probabilities from its output tensors.</summary>
internal static class ClassOutputs
{
    private static readonly string[] BinaryLabels = ["false", "true"];

    public static IReadOnlyList<string> Labels(ModelSignature signature) =>
        signature.ClassLabels.Count > 0 ? signature.ClassLabels
        : signature.Task == "binary" ? BinaryLabels
        : [];

    /// <summary>Reads the outputs of <paramref name="count"/> examples.</summary>
    /// <exception cref="InvalidOperationException">They are not a classifier's.</exception>
    public static IReadOnlyList<ClassPrediction> Read(
        ModelSignature signature,
        IReadOnlyList<InferenceTensor> outputs,
        int count
    )
    {
        var labels = Labels(signature);
        var probabilities = Probabilities(outputs, labels.Count, count);
        var predicted = PredictedLabels(outputs, count);
        if (predicted is null && (probabilities is null || labels.Count == 0))
            throw new InvalidOperationException(
                $"the model's outputs ({string.Join(", ", outputs.Select(o => $"{o.Name} {o.Datatype}[{string.Join(',', o.Shape)}]"))}) are not a classifier's; predict with tensors instead."
            );
        var predictions = new ClassPrediction[count];
        for (var i = 0; i < count; i++)
        {
            var row = probabilities is null
                ? ReadOnlyMemory<float>.Empty
                : probabilities.AsMemory(i * labels.Count, labels.Count);
            var label = predicted?[i] ?? labels[Largest(row.Span)];
            var index = row.IsEmpty ? -1 : IndexOf(labels, label);
            predictions[i] = new ClassPrediction(
                label,
                index < 0 ? float.NaN : row.Span[index],
                row
            );
        }
        return predictions;
    }

    private static float[]? Probabilities(
        IReadOnlyList<InferenceTensor> outputs,
        int classes,
        int count
    )
    {
        foreach (var output in outputs)
        {
            if (output.Datatype != "FP32")
                continue;
            var elements = TensorData.Elements(output.Shape);
            if (output.Shape.Count == 2 && classes > 0 && elements == (long)count * classes)
                return output.AsFloat32();
            // A binary model gives the probability of true alone.
            if (classes == 2 && elements == count)
                return [.. output.AsFloat32().SelectMany(p => new[] { 1 - p, p })];
        }
        return null;
    }

    private static IReadOnlyList<string>? PredictedLabels(
        IReadOnlyList<InferenceTensor> outputs,
        int count
    )
    {
        foreach (var output in outputs)
        {
            if (TensorData.Elements(output.Shape) != count)
                continue;
            switch (output.Datatype)
            {
                case "BYTES":
                    return output.AsText();
                case "INT64":
                    return [.. output.AsInt64().Select(v => v.ToString())];
                case "BOOL":
                    return [.. output.AsBoolean().Select(v => v ? "true" : "false")];
            }
        }
        return null;
    }

    private static int Largest(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }
        return best;
    }

    private static int IndexOf(IReadOnlyList<string> labels, string label)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] == label)
                return i;
        }
        return -1;
    }
}
