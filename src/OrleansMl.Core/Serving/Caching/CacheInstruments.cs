using System.Diagnostics.Metrics;

namespace OrleansMl.Core.Serving.Caching;

/// <summary>The metrics of a cache of answers. What each version's calls hit and missed is in its statistics.</summary>
internal sealed class CacheInstruments : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "OrleansMl.ResponseCache";

    private readonly Meter _meter = new(Name);
    private long _hits;
    private long _misses;

    public CacheInstruments(
        Func<long> bytes,
        Func<long> entries,
        Func<long> evictions,
        Func<long> expirations
    )
    {
        _meter.CreateObservableGauge("oml.cache.bytes", bytes, "By", "Memory of kept answers");
        _meter.CreateObservableGauge("oml.cache.entries", entries, description: "Kept answers");
        _meter.CreateObservableCounter(
            "oml.cache.evictions",
            evictions,
            description: "Answers that went for want of room"
        );
        _meter.CreateObservableCounter(
            "oml.cache.expirations",
            expirations,
            description: "Answers that were found too old"
        );
        _meter.CreateObservableCounter(
            "oml.cache.hits",
            () => Volatile.Read(ref _hits),
            description: "Calls that an earlier one's answer was given to"
        );
        _meter.CreateObservableCounter(
            "oml.cache.misses",
            () => Volatile.Read(ref _misses),
            description: "Calls of models with a cache that were run"
        );
    }

    public void Hit() => Interlocked.Increment(ref _hits);

    public void Miss() => Interlocked.Increment(ref _misses);

    public void Dispose() => _meter.Dispose();
}
