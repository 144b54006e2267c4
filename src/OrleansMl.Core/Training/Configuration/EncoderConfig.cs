namespace OrleansMl.Core.Training.Configuration;

/// <summary>How an input becomes features; which members count depends on the kind.</summary>
public sealed record EncoderConfig
{
    /// <summary>Which.</summary>
    public required EncoderKind Kind { get; init; }

    /// <summary>Mlp: its layers. Cnn: those at the end. ResNet: the activation and the dropout at the end.</summary>
    public DenseConfig Dense { get; init; } = DenseConfig.None;

    /// <summary>Cnn and ResNet.</summary>
    public ConvolutionConfig? Convolution { get; init; }

    /// <summary>Embedding: width of a vector; null: by the size of the vocabulary.</summary>
    public int? Dimension { get; init; }
}
