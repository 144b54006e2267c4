namespace OrleansMl.Core.Models;

/// <summary>What a rule said of a candidate.</summary>
/// <param name="Holds">Whether it holds; false when a metric that it names is unknown.</param>
/// <param name="Reason">The rule, and each comparison with its figures.</param>
public sealed record PromotionVerdict(bool Holds, string Reason);
