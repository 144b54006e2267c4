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
}
