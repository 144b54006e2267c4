namespace OrleansMl.Core.Models;

/// <summary>Why a promotion rule can't be read.</summary>
/// <param name="Column">Where, counted from 1.</param>
/// <param name="Message">What was expected and what came.</param>
public sealed record PromotionRuleError(int Column, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"column {Column}: {Message}";
}
