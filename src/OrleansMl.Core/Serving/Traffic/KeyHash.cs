namespace OrleansMl.Core.Serving.Traffic;

/// <summary>A hash of text that is the same in every process, version and machine, unlike <see cref="string.GetHashCode()"/>.</summary>
public static class KeyHash
{
    /// <summary>FNV-1a over the UTF-16 units, then <see cref="Mix"/>.</summary>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var unit in text)
            hash = (hash ^ unit) * 0x100000001B3UL;
        return Mix(hash);
    }

    /// <summary>SplitMix64's finalizer: every bit of the input turns half the bits of the output.</summary>
    public static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9UL;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBUL;
        return bits ^ (bits >> 31);
    }

    /// <summary>A number above 0 and below 1 from 64 bits.</summary>
    public static double Unit(ulong bits) => ((bits >> 11) + 0.5) * (1.0 / (1UL << 53));
}
