namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>
/// Rows of a request that have something in common, known by the decisions that let them through: decision × 2, plus 1 for the
/// rows for which it does not hold. No decisions: every row.
/// </summary>
internal sealed class RowSet(int index, IReadOnlyList<int> decisions)
{
    /// <summary>Its number in the plan.</summary>
    public int Index => index;

    /// <summary>In ascending order.</summary>
    public IReadOnlyList<int> Decisions => decisions;

    public bool IsAll => decisions.Count == 0;

    /// <summary>Whether every row of the other is one of these.</summary>
    public bool Covers(RowSet other) => decisions.All(other.Decisions.Contains);
}
