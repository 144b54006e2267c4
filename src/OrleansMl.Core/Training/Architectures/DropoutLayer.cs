namespace OrleansMl.Core.Training.Architectures;

/// <summary>Zeroes elements while training (Srivastava et al. 2014).</summary>
/// <param name="Probability">Share zeroed, 0 to below 1.</param>
public sealed record DropoutLayer(double Probability) : Layer;
