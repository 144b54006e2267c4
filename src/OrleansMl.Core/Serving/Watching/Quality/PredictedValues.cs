using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>
/// Finds what a model said in its outputs. Classifiers trained here give <c>{name}</c>, the label, beside <c>{name}_probabilities</c>, or
/// <c>{name}_probability</c> of true; foreign ones give scores, one a label of their signature, which count as probabilities when they are
/// from 0 to 1 with a sum of 1; else the first output of one text, truth value or whole number a row is the label. Of a regression it is the
/// first output of one number a row.
/// </summary>
public static class PredictedValues
{
    private const string ProbabilitiesSuffix = "_probabilities";
    private const string ProbabilitySuffix = "_probability";
    private const double SumTolerance = 1e-3;

    /// <summary>Whether an output may be needed: those of thousands of elements a row that are none are not worth a copy.</summary>
    public static bool IsOfUse(InferenceTensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return output.Shape.Count is 1 or 2;
    }

    /// <summary>One value a row; empty when the outputs hold neither class nor number.</summary>
    public static IReadOnlyList<PredictedValue> Read(
        ModelSignature signature,
        IReadOnlyList<InferenceTensor> outputs
    )
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(outputs);
        if (signature.Task != "regression")
        {
            foreach (var output in outputs.Where(IsScore))
            {
                if (
                    output.Name.EndsWith(ProbabilitiesSuffix, StringComparison.Ordinal)
                    && output.Shape.Count == 2
                )
                    return Classes(
                        output,
                        Beside(outputs, output.Name[..^ProbabilitiesSuffix.Length]),
                        Labels(signature, (int)output.Shape[1])
                    );
                if (
                    output.Name.EndsWith(ProbabilitySuffix, StringComparison.Ordinal)
                    && IsOne(output)
                )
                    return Binary(
                        output,
                        Beside(outputs, output.Name[..^ProbabilitySuffix.Length]),
                        signature.ClassLabels.Count == 2 ? signature.ClassLabels : ["false", "true"]
                    );
            }
            var scores = outputs.FirstOrDefault(output =>
                IsScore(output)
                && output.Shape.Count == 2
                && signature.ClassLabels.Count > 1
                && output.Shape[1] == signature.ClassLabels.Count
            );
            if (scores is not null)
                return Classes(scores, label: null, signature.ClassLabels);
            var label = outputs.FirstOrDefault(output => IsLabel(output) && IsOne(output));
            if (label is not null)
                return [.. Texts(label).Select(text => new PredictedValue { Label = text ?? "" })];
        }
        var number = outputs.FirstOrDefault(output => IsScore(output) && IsOne(output));
        return number is null
            ? []
            :
            [
                .. Enumerable
                    .Range(0, TensorElement.Rows(number))
                    .Select(row => new PredictedValue
                    {
                        Number = TensorElement.Number(number.Datatype, number.Data.Span, row),
                    }),
            ];
    }

    private static PredictedValue[] Binary(
        InferenceTensor probability,
        InferenceTensor? label,
        IReadOnlyList<string> labels
    )
    {
        var texts = label is null ? null : Texts(label);
        var values = new PredictedValue[TensorElement.Rows(probability)];
        for (var row = 0; row < values.Length; row++)
        {
            var yes = TensorElement.Number(probability.Datatype, probability.Data.Span, row);
            // What the model itself calls the answer stands over the larger share: it may have a threshold of its own.
            var isYes = texts is null ? yes >= 0.5 : texts[row] is "true" or "1";
            values[row] = Class([1 - yes, yes], labels, labels[isYes ? 1 : 0]);
        }
        return values;
    }

    private static PredictedValue[] Classes(
        InferenceTensor scores,
        InferenceTensor? label,
        IReadOnlyList<string> labels
    )
    {
        var texts = label is null ? null : Texts(label);
        var values = new PredictedValue[TensorElement.Rows(scores)];
        var row = new double[labels.Count];
        for (var i = 0; i < values.Length; i++)
        {
            for (var k = 0; k < row.Length; k++)
                row[k] = TensorElement.Number(
                    scores.Datatype,
                    scores.Data.Span,
                    (i * row.Length) + k
                );
            values[i] = Class(row, labels, texts?[i]);
        }
        return values;
    }

    private static PredictedValue Class(
        ReadOnlySpan<double> scores,
        IReadOnlyList<string> labels,
        string? said
    )
    {
        var (best, sum, squares, areShares) = (0, 0.0, 0.0, true);
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
                best = i;
            sum += scores[i];
            squares += scores[i] * scores[i];
            areShares &= scores[i] is >= 0 and <= 1;
        }
        var label = said ?? labels[best];
        if (!areShares || Math.Abs(sum - 1) > SumTolerance)
            return new PredictedValue { Label = label };
        List<(string Label, double Share)> shares = [];
        for (var i = 0; i < scores.Length; i++)
            shares.Add((labels[i], scores[i]));
        var kept = shares
            .OrderByDescending(share => share.Share)
            .Take(PredictedValue.MaxClasses)
            .DistinctBy(share => share.Label)
            .ToDictionary(share => share.Label, share => share.Share);
        var left = shares.Count - kept.Count;
        return new PredictedValue
        {
            Label = label,
            Confidence = kept.TryGetValue(label, out var confidence) ? confidence : scores[best],
            Probabilities = kept,
            Rest = left == 0 ? 0 : Math.Max(0, sum - kept.Values.Sum()) / left,
            Squares = squares,
        };
    }

    private static InferenceTensor? Beside(IReadOnlyList<InferenceTensor> outputs, string name) =>
        outputs.FirstOrDefault(output => output.Name == name && IsLabel(output) && IsOne(output));

    private static string?[] Texts(InferenceTensor label)
    {
        var texts = new string?[TensorElement.Rows(label)];
        var offset = 0;
        for (var row = 0; row < texts.Length; row++)
            texts[row] = TensorElement.Category(label.Datatype, label.Data.Span, row, ref offset);
        return texts;
    }

    private static IReadOnlyList<string> Labels(ModelSignature signature, int classes) =>
        signature.ClassLabels.Count == classes
            ? signature.ClassLabels
            : [.. Enumerable.Range(0, classes).Select(i => $"{i}")];

    private static bool IsScore(InferenceTensor tensor) =>
        tensor.Datatype is "FP32" or "FP64" or "FP16" && tensor.Shape.Count > 0;

    private static bool IsLabel(InferenceTensor tensor) =>
        tensor.Datatype is "BYTES" or "INT64" or "INT32" or "BOOL" && tensor.Shape.Count > 0;

    private static bool IsOne(InferenceTensor tensor) => tensor.Shape.Skip(1).All(d => d == 1);
}
