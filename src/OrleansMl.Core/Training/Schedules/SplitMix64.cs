namespace OrleansMl.Core.Training.Schedules;

/// <summary>
/// A small generator of 64-bit numbers (Steele, Lea and Flood 2014). Its sequence is the algorithm's, not a library
/// version's, so that a seed means the same rows in the same order for as long as runs are resumed.
/// </summary>
public struct SplitMix64
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Starts a sequence.</summary>
    public SplitMix64(ulong seed) => _state = seed;

    /// <summary>A sequence that belongs to a seed, what it is for, and a position: other sequences of the seed are unrelated to it.</summary>
    public static SplitMix64 For(long seed, RandomPurpose purpose, long position)
    {
        var generator = new SplitMix64((ulong)seed);
        generator = new SplitMix64(generator.Next() ^ (ulong)purpose);
        return new SplitMix64(generator.Next() ^ (ulong)position);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += Increment;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from 0 to below <paramref name="bound"/>, which is above 0; the bias is below 2⁻³² for bounds that fit an array.</summary>
    public long NextBelow(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (long)Math.BigMul(Next(), (ulong)bound, out _);
    }

    /// <summary>A number from 0 to below 1, with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
