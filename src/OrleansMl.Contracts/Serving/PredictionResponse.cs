namespace OrleansMl.Contracts.Serving;

/// <summary>A model version's answers to examples.</summary>
public sealed record PredictionResponse
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version that answered.</summary>
    public required int Version { get; init; }

    /// <summary>One an example, in their order.</summary>
    public required IReadOnlyList<Prediction> Predictions { get; init; }
}
