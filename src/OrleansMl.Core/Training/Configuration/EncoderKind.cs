namespace OrleansMl.Core.Training.Configuration;

/// <summary>How an input becomes features.</summary>
public enum EncoderKind
{
    /// <summary>As the transform left it.</summary>
    Passthrough,

    /// <summary>Dense layers; images are flattened first.</summary>
    Mlp,

    /// <summary>A learned vector a value.</summary>
    Embedding,

    /// <summary>A single one among zeros.</summary>
    OneHot,

    /// <summary>Convolutions with pooling, then dense layers.</summary>
    Cnn,

    /// <summary>Residual stages (He et al. 2016).</summary>
    ResNet,

    /// <summary>All pixels as they are.</summary>
    Flatten,
}
