namespace OrleansMl.Core.Serving.Batching;

/// <summary>Whether a call can be answered in time: it is refused at its arrival when even the least that is before it takes too long.</summary>
public static class BatchAdmission
{
    /// <summary>When a call that comes now is answered at the earliest.</summary>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="rows">Of the call.</param>
    /// <param name="callsAhead">Calls that wait and are taken before it.</param>
    /// <param name="rowsAhead">Their rows.</param>
    /// <param name="freeAt">When a run can begin at the earliest; now or before when one can at once.</param>
    /// <param name="rules">The version's.</param>
    /// <param name="costs">The version's.</param>
    public static long EarliestEnd(
        long now,
        int rows,
        int callsAhead,
        long rowsAhead,
        long freeAt,
        BatchRules rules,
        BatchCostTable costs
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(costs);
        var begin = Math.Max(now, freeAt);
        if (rules.MaxRows == 1)
        {
            var each = callsAhead == 0 ? 0 : costs.AtLeast((int)(rowsAhead / callsAhead));
            return begin + Waves(callsAhead, rules) * each + costs.AtLeast(rows);
        }
        // What doesn't fill a batch shares this call's.
        var full = rowsAhead / rules.MaxRows;
        var rest = (int)Math.Min(rules.MaxRows, (rowsAhead % rules.MaxRows) + rows);
        return begin
            + (Waves(full, rules) * costs.AtLeast(rules.MaxRows))
            + costs.AtLeast(Math.Max(rest, rows));
    }

    private static long Waves(long runs, BatchRules rules) => runs / rules.Instances;
}
