using System.Text.Json;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>
/// The classes in a classifier's answer. Models trained here give <c>{name}</c>, the label, beside <c>{name}_probabilities</c>, or
/// <c>{name}_probability</c> of true. A foreign one gives scores, one a label of its signature; they count as probabilities when they look
/// like some: from 0 to 1, with a sum of 1.
/// </summary>
internal sealed class PredictedClasses
{
    private const string ProbabilitiesSuffix = "_probabilities";
    private const string ProbabilitySuffix = "_probability";
    private const double SumTolerance = 1e-3;

    private readonly InferenceTensor _scores;
    private readonly InferenceTensor? _label;
    private readonly IReadOnlyList<string> _labels;
    private readonly bool _isBinary;

    private PredictedClasses(
        InferenceTensor scores,
        InferenceTensor? label,
        IReadOnlyList<string> labels,
        bool isBinary
    ) => (_scores, _label, _labels, _isBinary) = (scores, label, labels, isBinary);

    /// <summary>Null when the answer has no classes.</summary>
    public static PredictedClasses? Find(InferenceResponse response, ModelSignature signature)
    {
        foreach (var output in response.Outputs)
        {
            if (!IsScore(output))
                continue;
            if (
                output.Name.EndsWith(ProbabilitiesSuffix, StringComparison.Ordinal)
                && output.Shape.Count == 2
            )
                return new(
                    output,
                    Label(response, output.Name, ProbabilitiesSuffix),
                    Labels(signature, (int)output.Shape[1]),
                    isBinary: false
                );
            if (
                output.Name.EndsWith(ProbabilitySuffix, StringComparison.Ordinal)
                && output.Shape.Skip(1).All(d => d == 1)
            )
                return new(
                    output,
                    Label(response, output.Name, ProbabilitySuffix),
                    signature.ClassLabels.Count == 2 ? signature.ClassLabels : ["false", "true"],
                    isBinary: true
                );
        }
        var scores = response.Outputs.FirstOrDefault(output =>
            IsScore(output)
            && output.Shape.Count == 2
            && output.Shape[1] == signature.ClassLabels.Count
        );
        return scores is null
            ? null
            : new(scores, label: null, signature.ClassLabels, isBinary: false);
    }

    public void Write(Utf8JsonWriter writer, int row)
    {
        var rows = (int)_scores.Shape[0];
        var cursor = new TensorCursor(TensorRow.Of(_scores, row, rows));
        var scores = new double[_labels.Count];
        if (_isBinary)
        {
            scores[1] = cursor.NextNumber();
            scores[0] = 1 - scores[1];
        }
        else
        {
            for (var i = 0; i < scores.Length; i++)
                scores[i] = cursor.NextNumber();
        }
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
                best = i;
        }
        // What the model itself calls the answer stands over the largest score: it may have a threshold of its own.
        var label = _labels[best];
        if (_label is not null)
        {
            label = new TensorCursor(TensorRow.Of(_label, row, rows)).NextText();
            if (_isBinary)
                label = _labels[label == "true" ? 1 : 0];
            best = IndexOf(label, best);
        }
        writer.WriteString("label"u8, label);
        if (
            !scores.All(score => score is >= 0 and <= 1)
            || Math.Abs(scores.Sum() - 1) > SumTolerance
        )
            return;
        writer.WritePropertyName("probability"u8);
        WriteScore(writer, scores[best]);
        writer.WriteStartObject("probabilities"u8);
        for (var i = 0; i < scores.Length; i++)
        {
            writer.WritePropertyName(_labels[i]);
            WriteScore(writer, scores[i]);
        }
        writer.WriteEndObject();
    }

    // As many digits as the model gave: a float widened to a double would show more.
    private void WriteScore(Utf8JsonWriter writer, double score)
    {
        if (_scores.Datatype == "FP64")
            writer.WriteNumberValue(score);
        else
            writer.WriteNumberValue((float)score);
    }

    private int IndexOf(string label, int fallback)
    {
        for (var i = 0; i < _labels.Count; i++)
        {
            if (_labels[i] == label)
                return i;
        }
        return fallback;
    }

    private static InferenceTensor? Label(
        InferenceResponse response,
        string scores,
        string suffix
    ) =>
        response.Outputs.FirstOrDefault(output =>
            output.Name == scores[..^suffix.Length]
            && output.Datatype is "BYTES" or "INT64" or "BOOL"
        );

    private static IReadOnlyList<string> Labels(ModelSignature signature, int classes) =>
        signature.ClassLabels.Count == classes
            ? signature.ClassLabels
            : [.. Enumerable.Range(0, classes).Select(i => i.ToString())];

    private static bool IsScore(InferenceTensor tensor) =>
        tensor.Datatype is "FP32" or "FP64" or "FP16" && tensor.Shape.Count > 0;
}
