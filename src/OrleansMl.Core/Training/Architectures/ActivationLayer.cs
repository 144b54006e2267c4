namespace OrleansMl.Core.Training.Architectures;

/// <summary>An element-wise activation.</summary>
/// <param name="Kind">Which.</param>
public sealed record ActivationLayer(ActivationKind Kind) : Layer;
