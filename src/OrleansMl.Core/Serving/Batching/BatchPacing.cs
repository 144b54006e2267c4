namespace OrleansMl.Core.Serving.Batching;

/// <summary>Whether a run beside one that is under way pays, or whether what waits does better to wait for more.</summary>
public static class BatchPacing
{
    /// <summary>
    /// Callers that were just answered come back one by one. Beside an efficient run, a run of the first few takes a core for the price of
    /// a full one, again and again; so they wait until they are an efficient run, at the latest until the other has ended. While
    /// runs are small, everybody runs at once.
    /// </summary>
    /// <param name="waiting">Rows that wait.</param>
    /// <param name="running">Rows under way.</param>
    /// <param name="rules">The version's.</param>
    /// <param name="costs">The version's.</param>
    public static bool Pays(long waiting, long running, BatchRules rules, BatchCostTable costs)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(costs);
        var efficient = Math.Min(costs.EfficientRows, rules.MaxRows);
        return waiting >= efficient || running < efficient;
    }

    /// <summary>
    /// Rows that the next run takes at most. All that waits in one run would leave the other instances idle until it ends, with every
    /// caller in it; so they share, as long as each part is twice the efficient size. There a row costs a quarter more than at the best one
    /// at most, were a run's cost a part for the run and a part for each row.
    /// </summary>
    /// <param name="waiting">Rows that wait.</param>
    /// <param name="runs">Runs under way.</param>
    /// <param name="rules">The version's.</param>
    /// <param name="costs">The version's.</param>
    /// <param name="leastTicks">A run that takes less is not worth another thread.</param>
    public static int Part(
        long waiting,
        int runs,
        BatchRules rules,
        BatchCostTable costs,
        long leastTicks
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(costs);
        var free = rules.Instances - runs;
        if (free < 2 || rules.MaxRows == 1)
            return rules.MaxRows;
        var parts = Math.Min(free, waiting / (2L * costs.EfficientRows));
        if (parts < 2)
            return rules.MaxRows;
        var rows = (int)Math.Min(rules.MaxRows, (waiting + parts - 1) / parts);
        return costs.AtLeast(rows) < leastTicks ? rules.MaxRows : rows;
    }
}
