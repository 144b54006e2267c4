using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Decides which calls are looked at: by their id, so that the same call is in or out wherever it comes in.</summary>
public static class CallSampling
{
    /// <summary>A number from 0 to below 1, the same for the same id: the call is in a share above it.</summary>
    public static double Draw(ReadOnlySpan<char> id)
    {
        // FNV-1a, then a finalizer, because the last characters of ids that count up reach only its low bits.
        var hash = 14695981039346656037;
        foreach (var c in id)
            hash = unchecked((hash ^ c) * 1099511628211);
        return (SplitAssigner.Mix(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
