namespace OrleansMl.Core.Serving.Traffic;

/// <summary>What a canary does next, and why.</summary>
/// <param name="Move">What.</param>
/// <param name="Reason">Why, with the figures.</param>
public readonly record struct CanaryVerdict(CanaryMove Move, string Reason);
