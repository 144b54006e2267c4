namespace OrleansMl.Core.Serving.Traffic;

/// <summary>SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014) on a shared counter: any number of threads draw without a lock, each its own numbers.</summary>
/// <param name="seed">The same seed gives one thread the same numbers.</param>
public sealed class TrafficRandom(ulong seed) : ITrafficRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <inheritdoc/>
    public ulong NextBits() => KeyHash.Mix(Interlocked.Add(ref _state, Golden));
}
