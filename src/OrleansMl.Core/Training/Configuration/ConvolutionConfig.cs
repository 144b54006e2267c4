namespace OrleansMl.Core.Training.Configuration;

/// <summary>The convolutional part of a CNN or ResNet encoder.</summary>
public sealed record ConvolutionConfig
{
    /// <summary>Cnn: of each convolution. ResNet: of each stage.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>Cnn: side of the kernels, odd.</summary>
    public int KernelSize { get; init; } = 3;

    /// <summary>Cnn: step of the first convolution.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Cnn: batch normalization after each convolution; a ResNet always has it.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>Cnn: pooling.</summary>
    public PoolingKind Pooling { get; init; }

    /// <summary>Cnn: side and step of the pooling.</summary>
    public int PoolSize { get; init; } = 2;

    /// <summary>Cnn: convolutions between poolings.</summary>
    public int PoolEvery { get; init; } = 1;

    /// <summary>Cnn: ends in each channel's mean; a ResNet always does.</summary>
    public bool GlobalPooling { get; init; }

    /// <summary>ResNet: blocks in each stage.</summary>
    public int Blocks { get; init; } = 1;
}
