namespace OrleansMl.Core.Training.Architectures;

/// <summary>y = xWᵀ + b over the last dimension.</summary>
/// <param name="Inputs">Width of x.</param>
/// <param name="Outputs">Width of y.</param>
/// <param name="Bias">Whether b is there.</param>
public sealed record LinearLayer(int Inputs, int Outputs, bool Bias = true) : Layer;
