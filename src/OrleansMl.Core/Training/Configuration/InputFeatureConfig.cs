namespace OrleansMl.Core.Training.Configuration;

/// <summary>An input feature as asked for.</summary>
public sealed record InputFeatureConfig
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required FeatureType Type { get; init; }

    /// <summary>The dataset's column.</summary>
    public required string Column { get; init; }

    /// <summary>How raw values are changed.</summary>
    public PreprocessingConfig Preprocessing { get; init; } = new();

    /// <summary>How it becomes features.</summary>
    public required EncoderConfig Encoder { get; init; }
}
