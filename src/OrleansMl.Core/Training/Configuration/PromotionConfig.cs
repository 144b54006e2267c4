namespace OrleansMl.Core.Training.Configuration;

/// <summary>When an alias moves to the registered version.</summary>
/// <param name="Alias">The alias.</param>
/// <param name="When">Rules, all of which must hold.</param>
public sealed record PromotionConfig(string Alias, IReadOnlyList<string> When);
