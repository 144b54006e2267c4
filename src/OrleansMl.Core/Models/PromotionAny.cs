namespace OrleansMl.Core.Models;

/// <summary>Parts joined by <c>or</c>.</summary>
internal sealed record PromotionAny(IReadOnlyList<PromotionNode> Parts) : PromotionNode;
