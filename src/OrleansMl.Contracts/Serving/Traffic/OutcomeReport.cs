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

    /// <summary>The outcome: 0 or 1 where it is binary, else a number; more is better.</summary>
    [Id(3)]
    public required double Value { get; init; }
}
