using System.Numerics.Tensors;

namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>The functions of conditions; all but <c>softmax</c> and <c>abs</c> make one number of a row's numbers.</summary>
internal static class ConditionFunctions
{
    public static IReadOnlyList<string> Names { get; } =
    ["max", "min", "sum", "mean", "margin", "entropy", "argmax", "at", "softmax", "abs"];

    public static Func<ReadOnlySpan<double>, double>? OfRow(string name) =>
        name switch
        {
            "max" => static row => TensorPrimitives.Max(row),
            "min" => static row => TensorPrimitives.Min(row),
            "sum" => static row => TensorPrimitives.Sum(row),
            "mean" => static row => TensorPrimitives.Sum(row) / row.Length,
            "argmax" => static row => TensorPrimitives.IndexOfMax(row),
            "margin" => Margin,
            "entropy" => Entropy,
            _ => null,
        };

    /// <summary>One number a row of several.</summary>
    public static double[] Reduce(
        double[] values,
        int rows,
        Func<ReadOnlySpan<double>, double> function
    )
    {
        var reduced = new double[rows];
        if (rows == 0)
            return reduced;
        var width = values.Length / rows;
        for (var row = 0; row < rows; row++)
            reduced[row] = width == 0 ? double.NaN : function(values.AsSpan(row * width, width));
        return reduced;
    }

    public static double[] Softmax(double[] values, int rows)
    {
        var result = new double[values.Length];
        if (rows == 0)
            return result;
        var width = values.Length / rows;
        for (var row = 0; row < rows && width > 0; row++)
        {
            var source = values.AsSpan(row * width, width);
            var target = result.AsSpan(row * width, width);
            // The largest is taken away first, so that no exponential overflows.
            TensorPrimitives.Subtract(source, TensorPrimitives.Max(source), target);
            TensorPrimitives.Exp(target, target);
            TensorPrimitives.Divide(
                target,
                TensorPrimitives.Sum((ReadOnlySpan<double>)target),
                target
            );
        }
        return result;
    }

    // The largest less the second largest; of one number, that number.
    private static double Margin(ReadOnlySpan<double> row)
    {
        var first = double.NegativeInfinity;
        var second = double.NegativeInfinity;
        foreach (var value in row)
        {
            if (double.IsNaN(value))
                return double.NaN;
            if (value > first)
                (first, second) = (value, first);
            else if (value > second)
                second = value;
        }
        return row.Length == 1 ? first : first - second;
    }

    // In nats; a probability of 0 adds nothing.
    private static double Entropy(ReadOnlySpan<double> row)
    {
        var sum = 0.0;
        foreach (var value in row)
            sum -= value == 0 ? 0 : value * Math.Log(value);
        return sum;
    }
}
