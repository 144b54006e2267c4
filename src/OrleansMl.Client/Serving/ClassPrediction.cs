namespace OrleansMl.Client.Serving;

/// <summary>What a classifier says of one example.</summary>
/// <param name="Label">The likeliest class.</param>
/// <param name="Probability">Its probability, 0 to 1; NaN when the model gives labels alone.</param>
/// <param name="Probabilities">Every class's, in the order of <see cref="ClassificationResponse.Labels"/>; empty when the model gives labels alone.</param>
public sealed record ClassPrediction(
    string Label,
    float Probability,
    ReadOnlyMemory<float> Probabilities
);
