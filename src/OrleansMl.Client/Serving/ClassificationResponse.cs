namespace OrleansMl.Client.Serving;

/// <summary>A classifier's answers to a batch.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Version">The version that answered.</param>
/// <param name="Labels">Class labels by index.</param>
/// <param name="Predictions">One an example, in their order.</param>
public sealed record ClassificationResponse(
    string Model,
    int Version,
    IReadOnlyList<string> Labels,
    IReadOnlyList<ClassPrediction> Predictions
);
