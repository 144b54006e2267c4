using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>
/// Optimizer steps over plain memory in one pass, where torch takes seven. 512-bit vectors are .NET's own abstraction: it
/// falls back to narrower ones with the same element-wise results, so weights don't depend on the processor.
/// </summary>
internal static class UpdateKernels
{
    private const int Lanes = 16;

    /// <summary>Adam (Kingma and Ba 2015, algorithm 1), with decoupled decay when <paramref name="shrink"/> is below 1 (Loshchilov and Hutter 2019).</summary>
    /// <param name="weights">Updated.</param>
    /// <param name="gradient">As long.</param>
    /// <param name="first">First moment, updated.</param>
    /// <param name="second">Second moment, updated.</param>
    /// <param name="step">The step's numbers.</param>
    /// <param name="penalty">Added to the gradient as penalty·weight.</param>
    /// <param name="shrink">What weights are multiplied by first.</param>
    public static void Adam(
        Span<float> weights,
        ReadOnlySpan<float> gradient,
        Span<float> first,
        Span<float> second,
        AdamStep step,
        float penalty,
        float shrink
    )
    {
        CheckLengths(weights.Length, gradient.Length, first.Length, second.Length);
        ref var w = ref MemoryMarshal.GetReference(weights);
        ref var g = ref MemoryMarshal.GetReference(gradient);
        ref var m = ref MemoryMarshal.GetReference(first);
        ref var v = ref MemoryMarshal.GetReference(second);
        var i = 0;
        for (; i <= weights.Length - Lanes; i += Lanes)
        {
            var at = (nuint)i;
            var weight = Vector512.LoadUnsafe(ref w, at) * shrink;
            var slope = Vector512.LoadUnsafe(ref g, at) + (weight * penalty);
            var mean =
                (Vector512.LoadUnsafe(ref m, at) * step.Beta1) + (slope * step.OneMinusBeta1);
            var square =
                (Vector512.LoadUnsafe(ref v, at) * step.Beta2)
                + (slope * slope * step.OneMinusBeta2);
            mean.StoreUnsafe(ref m, at);
            square.StoreUnsafe(ref v, at);
            var root =
                (Vector512.Sqrt(square) * step.InverseRootCorrection2)
                + Vector512.Create(step.Epsilon);
            (weight - (mean * step.CorrectedRate / root)).StoreUnsafe(ref w, at);
        }
        for (; i < weights.Length; i++)
        {
            var weight = weights[i] * shrink;
            var slope = gradient[i] + (weight * penalty);
            first[i] = (first[i] * step.Beta1) + (slope * step.OneMinusBeta1);
            second[i] = (second[i] * step.Beta2) + (slope * slope * step.OneMinusBeta2);
            var root = (MathF.Sqrt(second[i]) * step.InverseRootCorrection2) + step.Epsilon;
            weights[i] = weight - (first[i] * step.CorrectedRate / root);
        }
    }

    /// <summary>Gradient descent.</summary>
    public static void Descend(
        Span<float> weights,
        ReadOnlySpan<float> gradient,
        float rate,
        float penalty
    )
    {
        CheckLengths(weights.Length, gradient.Length);
        ref var w = ref MemoryMarshal.GetReference(weights);
        ref var g = ref MemoryMarshal.GetReference(gradient);
        var i = 0;
        for (; i <= weights.Length - Lanes; i += Lanes)
        {
            var at = (nuint)i;
            var weight = Vector512.LoadUnsafe(ref w, at);
            var slope = Vector512.LoadUnsafe(ref g, at) + (weight * penalty);
            (weight - (slope * rate)).StoreUnsafe(ref w, at);
        }
        for (; i < weights.Length; i++)
            weights[i] -= (gradient[i] + (weights[i] * penalty)) * rate;
    }

    /// <summary>Gradient descent with momentum, Nesterov's when asked (Sutskever et al. 2013). The velocity starts as the first gradient.</summary>
    public static void DescendWithMomentum(
        Span<float> weights,
        ReadOnlySpan<float> gradient,
        Span<float> velocity,
        float rate,
        float penalty,
        float momentum,
        bool nesterov
    )
    {
        CheckLengths(weights.Length, gradient.Length, velocity.Length);
        ref var w = ref MemoryMarshal.GetReference(weights);
        ref var g = ref MemoryMarshal.GetReference(gradient);
        ref var b = ref MemoryMarshal.GetReference(velocity);
        var i = 0;
        for (; i <= weights.Length - Lanes; i += Lanes)
        {
            var at = (nuint)i;
            var weight = Vector512.LoadUnsafe(ref w, at);
            var slope = Vector512.LoadUnsafe(ref g, at) + (weight * penalty);
            var speed = (Vector512.LoadUnsafe(ref b, at) * momentum) + slope;
            speed.StoreUnsafe(ref b, at);
            var move = nesterov ? slope + (speed * momentum) : speed;
            (weight - (move * rate)).StoreUnsafe(ref w, at);
        }
        for (; i < weights.Length; i++)
        {
            var slope = gradient[i] + (weights[i] * penalty);
            velocity[i] = (velocity[i] * momentum) + slope;
            weights[i] -= (nesterov ? slope + (velocity[i] * momentum) : velocity[i]) * rate;
        }
    }

    /// <summary>Σ x², in doubles and in an order that doesn't depend on the processor.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        ref var x = ref MemoryMarshal.GetReference(values);
        var low = Vector512<double>.Zero;
        var high = Vector512<double>.Zero;
        var i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            var (a, b) = Vector512.Widen(Vector512.LoadUnsafe(ref x, (nuint)i));
            low += a * a;
            high += b * b;
        }
        var sum = Vector512.Sum(low + high);
        for (; i < values.Length; i++)
            sum += (double)values[i] * values[i];
        return sum;
    }

    private static void CheckLengths(int expected, params ReadOnlySpan<int> lengths)
    {
        foreach (var length in lengths)
        {
            if (length != expected)
                throw new ArgumentException(
                    $"{expected} weights, and {length} values for them.",
                    nameof(lengths)
                );
        }
    }
}
