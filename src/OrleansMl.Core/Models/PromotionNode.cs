namespace OrleansMl.Core.Models;

/// <summary>A part of a promotion rule that is true or false.</summary>
internal abstract record PromotionNode;
