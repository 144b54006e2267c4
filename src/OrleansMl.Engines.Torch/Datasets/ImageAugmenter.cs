using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Schedules;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>
/// Changes training images at random: mirrored, moved (padding by zeros, then a crop), brighter or darker, a rectangle
/// blanked (Zhong et al. 2020). What a step does is a pure function of the seed and the step.
/// </summary>
internal sealed class ImageAugmenter(AugmentationConfig config, ImageTransform image, long seed)
{
    private const double SmallestErased = 0.02;
    private const double LargestErased = 0.33;
    private const double LargestAspect = 3.3;

    /// <summary>Steps never come near it, so that several image inputs draw apart.</summary>
    private const long StepsPerInput = 1L << 48;

    private readonly byte[] _changed = new byte[image.Height * image.Width * image.Channels];
    private SplitMix64 _random;

    /// <summary>Begins a batch.</summary>
    /// <param name="step">Steps done before it.</param>
    /// <param name="input">Which image input.</param>
    public void Begin(long step, int input) =>
        _random = SplitMix64.For(seed, RandomPurpose.Augmentation, step + (input * StepsPerInput));

    /// <summary>The batch's next image, changed; overwritten by the next call.</summary>
    /// <param name="source">Height × width × channels.</param>
    /// <param name="brightness">What to multiply the pixels by.</param>
    public ReadOnlySpan<byte> Next(ReadOnlySpan<byte> source, out float brightness)
    {
        // Every image takes as many numbers, whatever is switched on.
        var mirror = _random.NextDouble() < 0.5 && config.HorizontalFlip;
        var down = (int)_random.NextBelow((2 * config.CropPadding) + 1) - config.CropPadding;
        var right = (int)_random.NextBelow((2 * config.CropPadding) + 1) - config.CropPadding;
        brightness = (float)(1 + (config.Brightness * ((2 * _random.NextDouble()) - 1)));
        Move(source, down, right);
        if (mirror)
            Mirror();
        Erase(_random.NextDouble() < config.Erase);
        return _changed;
    }

    private void Move(ReadOnlySpan<byte> source, int down, int right)
    {
        var rowBytes = image.Width * image.Channels;
        var kept = Math.Max(0, image.Width - Math.Abs(right)) * image.Channels;
        var from = Math.Max(0, right) * image.Channels;
        var to = Math.Max(0, -right) * image.Channels;
        if (down != 0 || right != 0)
            _changed.AsSpan().Clear();
        for (var y = 0; y < image.Height; y++)
        {
            var other = y + down;
            if (other < 0 || other >= image.Height || kept == 0)
                continue;
            source
                .Slice((other * rowBytes) + from, kept)
                .CopyTo(_changed.AsSpan((y * rowBytes) + to));
        }
    }

    private void Mirror()
    {
        var rowBytes = image.Width * image.Channels;
        for (var y = 0; y < image.Height; y++)
        {
            var row = _changed.AsSpan(y * rowBytes, rowBytes);
            row.Reverse();
            if (image.Channels == 1)
                continue;
            // The pixels are in order now and each pixel's channels are not.
            for (var x = 0; x < rowBytes; x += image.Channels)
                row.Slice(x, image.Channels).Reverse();
        }
    }

    private void Erase(bool erase)
    {
        var area =
            (SmallestErased + ((LargestErased - SmallestErased) * _random.NextDouble()))
            * image.Height
            * image.Width;
        var aspect = Math.Pow(LargestAspect, (2 * _random.NextDouble()) - 1);
        var height = Math.Clamp((int)Math.Round(Math.Sqrt(area * aspect)), 1, image.Height);
        var width = Math.Clamp((int)Math.Round(Math.Sqrt(area / aspect)), 1, image.Width);
        var top = (int)_random.NextBelow(image.Height - height + 1);
        var left = (int)_random.NextBelow(image.Width - width + 1);
        if (!erase)
            return;
        for (var y = top; y < top + height; y++)
            _changed
                .AsSpan(((y * image.Width) + left) * image.Channels, width * image.Channels)
                .Clear();
    }
}
