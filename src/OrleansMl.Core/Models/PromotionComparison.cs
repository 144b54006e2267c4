namespace OrleansMl.Core.Models;

/// <summary>Two sums compared.</summary>
internal sealed record PromotionComparison(
    IReadOnlyList<PromotionTerm> Left,
    string Operator,
    IReadOnlyList<PromotionTerm> Right
) : PromotionNode;
