namespace OrleansMl.Core.Datasets;

/// <summary>
/// Deals the rows of each stratum out to the splits so that after every row each split holds its share of the stratum to
/// within one row. Each stratum runs Tijdeman's rule for the chairman assignment problem, which stays within
/// 1 - 1/(2k-2) of the shares for k splits; the rest, 1/(2k-2), is spent on starting at a place of the sequence that the
/// seed chooses, so that strata and seeds differ.
/// </summary>
internal sealed class StratifiedSplits
{
    private const int PhaseSteps = 2048;
    private const double Epsilon = 1e-9;

    private readonly double[] _shares;
    private readonly double _slack;
    private readonly ulong _seed;
    private readonly List<Stratum> _phases = [];
    private readonly Dictionary<string, Stratum> _strata = [];
    private readonly Dictionary<string, Stratum>.AlternateLookup<ReadOnlySpan<char>> _byValue;

    public StratifiedSplits(double train, double validation, double test, ulong seed)
    {
        _shares = [train, validation, test];
        _seed = seed;
        var splits = _shares.Count(s => s > 0);
        _slack = splits > 1 ? 1.0 / ((2 * splits) - 2) : 0;
        _byValue = _strata.GetAlternateLookup<ReadOnlySpan<char>>();

        var walk = new Stratum();
        for (var step = 0; step < PhaseSteps; step++)
        {
            if (IsNear(walk))
                _phases.Add(walk with { Given = [.. walk.Given] });
            Next(walk);
        }
    }

    /// <summary>Rows of a stratum that have their split already.</summary>
    public void AddKnown(string stratum, byte split, long rows)
    {
        var state = Find(stratum);
        state.Given[split] += rows;
        state.Rows += rows;
    }

    public byte Assign(ReadOnlySpan<char> stratum) => Next(Find(stratum));

    private Stratum Find(ReadOnlySpan<char> stratum)
    {
        if (_byValue.TryGetValue(stratum, out var state))
            return state;
        var hash = _seed;
        foreach (var c in stratum)
            hash = SplitAssigner.Mix(hash ^ c);
        var phase = _phases[(int)(SplitAssigner.Mix(hash) % (ulong)_phases.Count)];
        state = phase with { Given = [.. phase.Given] };
        _byValue[stratum] = state;
        return state;
    }

    private bool IsNear(Stratum state)
    {
        for (var i = 0; i < _shares.Length; i++)
            if (Math.Abs((state.Rows * _shares[i]) - state.Given[i]) > _slack + Epsilon)
                return false;
        return true;
    }

    // Of the splits that are due at least the slack, the one whose next row is due soonest.
    private byte Next(Stratum state)
    {
        state.Rows++;
        var best = 0;
        var bestDue = double.PositiveInfinity;
        for (var i = 0; i < _shares.Length; i++)
        {
            if (_shares[i] <= 0)
                continue;
            var behind = (state.Rows * _shares[i]) - state.Given[i];
            var due = (1 - _slack - behind) / _shares[i];
            if (behind >= _slack - Epsilon && due < bestDue - Epsilon)
            {
                best = i;
                bestDue = due;
            }
        }
        state.Given[best]++;
        return (byte)best;
    }

    private sealed record Stratum
    {
        public long Rows { get; set; }

        public long[] Given { get; init; } = new long[3];
    }
}
