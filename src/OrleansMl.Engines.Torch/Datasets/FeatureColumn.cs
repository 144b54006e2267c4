using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>What one tensor of a batch is made of: an image, a category, or features side by side in floats.</summary>
internal abstract record FeatureColumn
{
    private protected FeatureColumn() { }

    /// <summary>Pixels, as they were imported.</summary>
    public sealed record Image(ImageTransform Transform, RowStore<byte> Pixels) : FeatureColumn;

    /// <summary>Positions in a vocabulary, 0 for unknown or missing.</summary>
    public sealed record Category(RowStore<int> Index) : FeatureColumn;

    /// <summary>Numbers, flags and vectors, filled and scaled.</summary>
    public sealed record Dense(RowStore<float> Values) : FeatureColumn;
}
