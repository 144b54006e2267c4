namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>Predictions of about the same probability.</summary>
public sealed record QualityBin
{
    /// <summary>How many.</summary>
    public long Count { get; init; }

    /// <summary>The sum of their probabilities.</summary>
    public double Confidence { get; init; }

    /// <summary>How many were right.</summary>
    public long Correct { get; init; }
}
