namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>A part of a condition, computed for all rows at once.</summary>
/// <param name="Kind">What it gives.</param>
internal sealed record ConditionNode(ConditionKind Kind)
{
    /// <summary>Number: one a row. Vector: as many as the row has, rows one after the other.</summary>
    public Func<ConditionRows, double[]> Numbers { get; init; } = static _ => [];

    /// <summary>Boolean: one a row.</summary>
    public Func<ConditionRows, bool[]> Booleans { get; init; } = static _ => [];

    /// <summary>Text: one a row.</summary>
    public Func<ConditionRows, string[]> Texts { get; init; } = static _ => [];

    /// <summary>The number itself, where it is written in the condition.</summary>
    public double? Literal { get; init; }
}
