namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>The row sets of one plan; the same decisions give the same set.</summary>
internal sealed class RowSets
{
    private readonly List<RowSet> _sets = [];

    public RowSets() => All = Of([]);

    public RowSet All { get; }

    public int Count => _sets.Count;

    public RowSet Of(IEnumerable<int> decisions)
    {
        int[] ordered = [.. decisions.Distinct().Order()];
        var known = _sets.Find(set => set.Decisions.SequenceEqual(ordered));
        if (known is null)
            _sets.Add(known = new RowSet(_sets.Count, ordered));
        return known;
    }

    /// <summary>The rows that all have; null when there can be none.</summary>
    public RowSet? Meet(IEnumerable<RowSet> sets)
    {
        var met = Of(sets.SelectMany(set => set.Decisions));
        return met.Decisions.Any(d => met.Decisions.Contains(d ^ 1)) ? null : met;
    }

    /// <summary>The rows that any has, where that is a row set too; null when it can't be told that rows are left out.</summary>
    public RowSet? Join(IReadOnlyList<RowSet> sets)
    {
        var joined = sets[^1];
        for (var i = sets.Count - 2; i >= 0; i--)
        {
            if (Join(joined, sets[i]) is not { } next)
                return null;
            joined = next;
        }
        return joined;
    }

    private RowSet? Join(RowSet a, RowSet b)
    {
        if (a.Covers(b))
            return a;
        if (b.Covers(a))
            return b;
        // Two sets that differ in one decision's outcome are together the rows before that decision.
        foreach (var decision in a.Decisions)
        {
            var rest = a.Decisions.Where(d => d != decision);
            if (
                b.Decisions.Contains(decision ^ 1)
                && b.Decisions.Where(d => d != (decision ^ 1)).SequenceEqual(rest)
            )
                return Of(rest);
        }
        return null;
    }
}
