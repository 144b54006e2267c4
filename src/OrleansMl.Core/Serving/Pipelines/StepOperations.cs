using OrleansMl.Core.Serving.Pipelines.Operations;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>The operation of a step without a model, or why its inputs don't fit.</summary>
internal static class StepOperations
{
    public static (RowOperation? Operation, string Problem) Of(
        ConfigValues step,
        IReadOnlyList<PipelineValueType> inputs
    )
    {
        var type = step.Text("type");
        if (type == PipelineKeys.Constant)
            return Constant(step);
        var input = inputs[0];
        var numeric = input.Datatype is not ("BOOL" or "BYTES" or "BF16");
        return type switch
        {
            PipelineKeys.Softmax when !input.IsFloat || input.Inner.Count == 0 => Wrong(
                "FP32 or FP64 numbers, several a row",
                input
            ),
            PipelineKeys.Softmax => Right(NumberOperations.Softmax(input)),
            PipelineKeys.Argmax => Argmax(step, input, numeric),
            PipelineKeys.Threshold when numeric => Right(
                NumberOperations.Threshold(input, step.Number("at"))
            ),
            PipelineKeys.Scale when numeric => Right(
                NumberOperations.Scale(input, step.Number("multiply"), step.Number("add"))
            ),
            PipelineKeys.Threshold or PipelineKeys.Scale => Wrong("numbers", input),
            PipelineKeys.Select => Select(step, input),
            PipelineKeys.Average when !input.IsFloat => Wrong("FP32 or FP64 numbers", input),
            PipelineKeys.Vote when input.IsFloat || input.Elements != 1 => Wrong(
                "one label, whole number or truth value a row (average numbers, or take their argmax first)",
                input
            ),
            _ => Ensemble(step, type, input, inputs.Count),
        };
    }

    private static (RowOperation?, string) Ensemble(
        ConfigValues step,
        string type,
        PipelineValueType input,
        int members
    )
    {
        IReadOnlyList<double> weights =
            step.OptionalNumbers("weights") ?? [.. Enumerable.Repeat(1.0, members)];
        if (weights.Count != members)
            return (
                null,
                $"expected as many weights as members, got {weights.Count} for {members}."
            );
        return Right(
            type == PipelineKeys.Average
                ? EnsembleOperations.Average(input, weights)
                : EnsembleOperations.Vote(input, weights)
        );
    }

    private static (RowOperation?, string) Argmax(
        ConfigValues step,
        PipelineValueType input,
        bool numeric
    )
    {
        if (!numeric || input.Inner.Count != 1 || input.Inner[0] == 0)
            return Wrong("numbers of the shape [-1, columns]", input);
        var labels = step.OptionalTexts("labels") ?? [];
        return labels.Count > 0 && input.Inner[0] >= 0 && input.Inner[0] != labels.Count
            ? (null, $"expected a label a column, got {labels.Count} labels for {input}.")
            : Right(NumberOperations.Argmax(labels));
    }

    private static (RowOperation?, string) Select(ConfigValues step, PipelineValueType input)
    {
        if (input.Datatype == TensorDatatypes.Bytes || input.Inner.Count != 1)
            return Wrong("numbers or truth values of the shape [-1, columns]", input);
        var columns = step.Integers("columns");
        return input.Inner[0] >= 0 && columns.Any(column => column >= input.Inner[0])
            ? (null, $"there is no column {columns.Max()} in {input}; they count from 0.")
            : Right(NumberOperations.Select(input, columns));
    }

    private static (RowOperation?, string) Constant(ConfigValues step)
    {
        var datatype = step.Text("datatype");
        var values = step.List<double>("values");
        var largest = datatype switch
        {
            "INT32" => int.MaxValue,
            // Past 2^53 a number can't be told from its neighbour.
            "INT64" => 1L << 53,
            "FP32" => float.MaxValue,
            _ => double.MaxValue,
        };
        var whole = datatype is "INT32" or "INT64";
        foreach (var value in values)
        {
            if (Math.Abs(value) > largest || (whole && value != Math.Floor(value)))
                return (null, $"'{value}' is no {datatype}.");
        }
        return Right(NumberOperations.Constant(datatype, values));
    }

    private static (RowOperation?, string) Right(RowOperation operation) => (operation, "");

    private static (RowOperation?, string) Wrong(string expected, PipelineValueType got) =>
        (null, $"expected {expected}, got {got}.");
}
