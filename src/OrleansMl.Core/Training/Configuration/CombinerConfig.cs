namespace OrleansMl.Core.Training.Configuration;

/// <summary>How the inputs' features come together.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Dense">Concat: the layers after the join.</param>
public sealed record CombinerConfig(CombinerKind Kind, DenseConfig Dense);
