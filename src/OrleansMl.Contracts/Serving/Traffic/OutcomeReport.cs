namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>How a prediction turned out.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.OutcomeReport")]
public sealed record OutcomeReport
{
    /// <summary>Names the outcome: the same id again is not counted again. Left out: the prediction's id.</summary>
    [Id(0)]
    public string? Id { get; init; }

    /// <summary>The prediction, by the id that came with its answer (<c>X-Prediction-Id</c>). Left out: give <see cref="Version"/> and <see cref="Id"/>.</summary>
    [Id(1)]
    public PredictionId? Prediction { get; init; }

    /// <summary>The version that predicted, where the prediction's id isn't known; the outcome then counts for the experiment under way.</summary>
    [Id(2)]
    public int? Version { get; init; }

    /// <summary>The outcome for traffic: 0 or 1 where it is binary, else a number; more is better. It may be left out where <see cref="Label"/> or <see cref="Actual"/> is given.</summary>
    [Id(3)]
    public double? Value { get; init; }

    /// <summary>The class that turned out to be true, for the watched quality of a prediction named by <see cref="Prediction"/>; 1 to 1,000 characters.</summary>
    [Id(4)]
    public string? Label { get; init; }

    /// <summary>The number that turned out to be true, instead of <see cref="Label"/>.</summary>
    [Id(5)]
    public double? Actual { get; init; }

    /// <summary>The row of the prediction that <see cref="Label"/> or <see cref="Actual"/> is about, from 0.</summary>
    [Id(6)]
    public int Row { get; init; }
}
