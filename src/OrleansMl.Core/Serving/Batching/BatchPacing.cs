namespace OrleansMl.Core.Serving.Batching;

/// <summary>Whether a run beside one that is under way pays, or whether what waits does better to wait for more.</summary>
public static class BatchPacing
{
    /// <summary>
    /// Under load, a run of a few rows beside another takes a core for the price of a full one: callers that were just answered come
    /// back one by one, and each straggler would be run alone. With enough rows about to fill two efficient runs, the second begins
    /// when it is one; at the latest it begins when the other ends. With fewer, everybody runs at once.
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
        return waiting >= efficient || waiting + running < 2L * efficient;
    }
}
