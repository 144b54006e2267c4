namespace OrleansMl.Core.Training.Metrics;

/// <summary>Counts of true class against predicted class, and what follows from them.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;

    /// <summary>Makes an empty matrix for classes 0 to <paramref name="classes"/> − 1.</summary>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
        _counts = new long[checked(classes * classes)];
    }

    /// <summary>How many classes.</summary>
    public int Classes { get; }

    /// <summary>Rows counted.</summary>
    public long Total { get; private set; }

    /// <summary>Rows of a true class that were predicted as a class.</summary>
    public long this[int trueClass, int predictedClass] =>
        _counts[(trueClass * Classes) + predictedClass];

    /// <summary>Counts a row.</summary>
    public void Add(int trueClass, int predictedClass)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trueClass);
        ArgumentOutOfRangeException.ThrowIfNegative(predictedClass);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(trueClass, Classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predictedClass, Classes);
        _counts[(trueClass * Classes) + predictedClass]++;
        Total++;
    }

    /// <summary>Share of rows predicted right; 0 without rows.</summary>
    public double Accuracy()
    {
        long right = 0;
        for (var c = 0; c < Classes; c++)
            right += this[c, c];
        return Ratio(right, Total);
    }

    /// <summary>Of the rows predicted as a class, the share that are; 0 when none was.</summary>
    public double Precision(int predictedClass) =>
        Ratio(this[predictedClass, predictedClass], Predicted(predictedClass));

    /// <summary>Of a class's rows, the share found; 0 when there are none.</summary>
    public double Recall(int trueClass) => Ratio(this[trueClass, trueClass], Actual(trueClass));

    /// <summary>Harmonic mean of a class's precision and recall; 0 when both are.</summary>
    public double F1(int c) => Ratio(2 * this[c, c], Predicted(c) + Actual(c));

    /// <summary>Mean precision over the classes that occur, as true or as predicted ones.</summary>
    public double MacroPrecision() => Macro(Precision);

    /// <summary>Mean recall over the classes that occur, as true or as predicted ones.</summary>
    public double MacroRecall() => Macro(Recall);

    /// <summary>Mean F1 over the classes that occur, as true or as predicted ones.</summary>
    public double MacroF1() => Macro(F1);

    /// <summary>A list of predicted counts a true class.</summary>
    public IReadOnlyList<IReadOnlyList<long>> ToRows() =>
        [.. _counts.Chunk(Classes).Select(row => (IReadOnlyList<long>)row)];

    private long Actual(int c)
    {
        long sum = 0;
        for (var p = 0; p < Classes; p++)
            sum += this[c, p];
        return sum;
    }

    private long Predicted(int c)
    {
        long sum = 0;
        for (var t = 0; t < Classes; t++)
            sum += this[t, c];
        return sum;
    }

    private double Macro(Func<int, double> metric)
    {
        var (sum, classes) = (0.0, 0);
        for (var c = 0; c < Classes; c++)
        {
            if (Actual(c) + Predicted(c) == 0)
                continue;
            sum += metric(c);
            classes++;
        }
        return classes == 0 ? 0 : sum / classes;
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
