namespace OrleansMl.Core.Models;

/// <summary>The contrary of a part.</summary>
internal sealed record PromotionNot(PromotionNode Part) : PromotionNode;
