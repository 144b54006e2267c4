namespace OrleansMl.Core.Training.Configuration;

/// <summary>Random changes of training images.</summary>
public sealed record AugmentationConfig
{
    /// <summary>Mirror half of them.</summary>
    public bool HorizontalFlip { get; init; }

    /// <summary>Pad by so many pixels and crop back at a random place; 0: none.</summary>
    public int CropPadding { get; init; }

    /// <summary>Largest relative change of brightness, 0 to 1.</summary>
    public double Brightness { get; init; }

    /// <summary>Share of images with a random rectangle blanked, 0 to 1.</summary>
    public double Erase { get; init; }
}
