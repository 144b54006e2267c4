using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>What one pair's comparisons came to in this process since it was last taken. Thread-safe.</summary>
internal sealed class ShadowCounters(int version, int shadow)
{
    private readonly Lock _gate = new();
    private ShadowTally? _tally;

    public void Add(Func<ShadowTally, ShadowTally> change)
    {
        lock (_gate)
            _tally = change(_tally ?? new ShadowTally { Version = version, Shadow = shadow });
    }

    public ShadowTally? Take()
    {
        lock (_gate)
        {
            var taken = _tally;
            _tally = null;
            return taken;
        }
    }
}
