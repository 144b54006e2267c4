using System.Text.Json;

namespace OrleansMl.Contracts.Serving;

/// <summary>A model's answer for one example, by its signature.</summary>
public sealed record Prediction
{
    /// <summary>Classifiers: the likeliest class.</summary>
    public string? Label { get; init; }

    /// <summary>Classifiers: its probability, 0 to 1.</summary>
    public double? Probability { get; init; }

    /// <summary>Classifiers: every class's probability, by label.</summary>
    public IReadOnlyDictionary<string, double>? Probabilities { get; init; }

    /// <summary>Regressors with one output number: that number.</summary>
    public double? Value { get; init; }

    /// <summary>Each output's values for this example.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Outputs { get; init; }
}
