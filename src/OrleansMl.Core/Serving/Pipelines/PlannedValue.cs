namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>A value of a pipeline.</summary>
/// <param name="Slot">Its number.</param>
/// <param name="Name">As documents write it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Rows">The rows that have it.</param>
/// <param name="Producer">The node that gives it; −1: the caller.</param>
internal sealed record PlannedValue(
    int Slot,
    string Name,
    PipelineValueType Type,
    RowSet Rows,
    int Producer
);
