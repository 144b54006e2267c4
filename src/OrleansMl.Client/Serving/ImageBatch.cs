namespace OrleansMl.Client.Serving;

/// <summary>Images to classify: pixels of 8 bits, in the order image, height, width, channel, as the model's signature says.</summary>
public readonly struct ImageBatch
{
    /// <summary>A batch of images that lie one after the other.</summary>
    /// <param name="pixels">All pixels; the memory must not change until the call is done.</param>
    /// <param name="count">How many images, 1 or more; it divides the number of pixels.</param>
    /// <exception cref="ArgumentException">The pixels can't be shared out evenly.</exception>
    public ImageBatch(ReadOnlyMemory<byte> pixels, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (pixels.Length == 0 || pixels.Length % count != 0)
            throw new ArgumentException(
                $"{pixels.Length} pixels can't be {count} images of one size.",
                nameof(pixels)
            );
        Pixels = pixels;
        Count = count;
    }

    /// <summary>All pixels.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>How many images.</summary>
    public int Count { get; }

    /// <summary>A batch of images of one size; copies them.</summary>
    /// <exception cref="ArgumentException">There are none, or their sizes differ.</exception>
    public static ImageBatch Of(params IReadOnlyList<ReadOnlyMemory<byte>> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
            throw new ArgumentException("a batch needs at least one image.", nameof(images));
        var size = images[0].Length;
        var pixels = new byte[(long)size * images.Count];
        for (var i = 0; i < images.Count; i++)
        {
            if (images[i].Length != size)
                throw new ArgumentException(
                    $"image {i} has {images[i].Length} pixels, the ones before it {size}.",
                    nameof(images)
                );
            images[i].CopyTo(pixels.AsMemory(i * size));
        }
        return new ImageBatch(pixels, images.Count);
    }
}
