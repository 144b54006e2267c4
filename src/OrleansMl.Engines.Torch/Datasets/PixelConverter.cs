using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>Bytes of an image to normalized floats in one pass: (x / 255 − mean) / deviation as x·scale + offset.</summary>
internal sealed class PixelConverter
{
    private readonly float[] _scales;
    private readonly float[] _offsets;
    private readonly bool _uniform;

    public PixelConverter(ImageTransform image)
    {
        _scales = [.. image.Deviation.Select(deviation => (float)(1 / (255.0 * deviation)))];
        _offsets =
        [
            .. image.Mean.Zip(
                image.Deviation,
                (mean, deviation) => (float)(-mean / (double)deviation)
            ),
        ];
        _uniform = _scales.Distinct().Count() == 1 && _offsets.Distinct().Count() == 1;
    }

    /// <summary>Converts an image.</summary>
    /// <param name="pixels">Height × width × channels.</param>
    /// <param name="brightness">Multiplies the pixels first; the product stays within a byte's range.</param>
    /// <param name="destination">As many floats.</param>
    public void Convert(ReadOnlySpan<byte> pixels, float brightness, Span<float> destination)
    {
        if (_uniform && brightness == 1)
            ConvertUniform(pixels, _scales[0], _offsets[0], destination);
        else
            ConvertByChannel(pixels, brightness, destination);
    }

    private void ConvertByChannel(
        ReadOnlySpan<byte> pixels,
        float brightness,
        Span<float> destination
    )
    {
        var channels = _scales.Length;
        for (var i = 0; i < pixels.Length; i += channels)
        {
            for (var c = 0; c < channels; c++)
                destination[i + c] =
                    (Math.Min(255, pixels[i + c] * brightness) * _scales[c]) + _offsets[c];
        }
    }

    private static void ConvertUniform(
        ReadOnlySpan<byte> pixels,
        float scale,
        float offset,
        Span<float> destination
    )
    {
        if (destination.Length < pixels.Length)
            throw new ArgumentException(
                $"{pixels.Length} pixels don't fit {destination.Length} floats.",
                nameof(destination)
            );
        ref var from = ref MemoryMarshal.GetReference(pixels);
        ref var to = ref MemoryMarshal.GetReference(destination);
        var scales = Vector256.Create(scale);
        var offsets = Vector256.Create(offset);
        var i = 0;
        for (; i <= pixels.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, (nuint)i));
            var (a, b) = Vector256.Widen(low);
            var (c, d) = Vector256.Widen(high);
            Store(a, ref to, (nuint)i);
            Store(b, ref to, (nuint)i + 8);
            Store(c, ref to, (nuint)i + 16);
            Store(d, ref to, (nuint)i + 24);
        }
        for (; i < pixels.Length; i++)
            destination[i] = (pixels[i] * scale) + offset;

        void Store(Vector256<uint> values, ref float place, nuint at) =>
            ((Vector256.ConvertToSingle(values.AsInt32()) * scales) + offsets).StoreUnsafe(
                ref place,
                at
            );
    }
}
