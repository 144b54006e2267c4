namespace OrleansMl.Core.Models;

/// <summary>Parts joined by <c>and</c>.</summary>
internal sealed record PromotionAll(IReadOnlyList<PromotionNode> Parts) : PromotionNode;
