namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>What a model said of one row, small enough to wait for its outcome: a class with probabilities, or a number.</summary>
public sealed record PredictedValue
{
    /// <summary>The most probabilities that are kept, the largest ones.</summary>
    public const int MaxClasses = 100;

    /// <summary>The class that was predicted; null: a number was.</summary>
    public string? Label { get; init; }

    /// <summary>The probability of <see cref="Label"/>; null: the model gave none.</summary>
    public double? Confidence { get; init; }

    /// <summary>Probabilities by class, at most <see cref="MaxClasses"/>; null: the model gave none.</summary>
    public IReadOnlyDictionary<string, double>? Probabilities { get; init; }

    /// <summary>The mean probability of the classes that are left out.</summary>
    public double Rest { get; init; }

    /// <summary>The sum of the squares of all probabilities.</summary>
    public double Squares { get; init; }

    /// <summary>The number that was predicted; null: a class was.</summary>
    public double? Number { get; init; }
}
