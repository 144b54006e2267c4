using System.Numerics;

namespace OrleansMl.Core.Serving.Batching;

/// <summary>Sizes of runs in classes: each to 64 is its own, above that each power of two ends one. So that what is kept by size stays small whatever callers send.</summary>
public static class BatchSizes
{
    private const int Exact = 64;
    private const int ExactBits = 6;

    /// <summary>Number of classes.</summary>
    public const int Count = Exact + 31 - ExactBits;

    /// <summary>The class of a run of so many rows, from 0.</summary>
    public static int ClassOf(long rows)
    {
        if (rows <= Exact)
            return (int)Math.Max(rows, 1) - 1;
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)rows - 1);
        return Math.Min(Exact + bits - ExactBits - 1, Count - 1);
    }

    /// <summary>The largest size of a class.</summary>
    public static int LargestOf(int sizeClass) =>
        sizeClass < Exact ? sizeClass + 1
        : sizeClass >= Count - 1 ? int.MaxValue
        : 1 << (sizeClass - Exact + ExactBits + 1);
}
