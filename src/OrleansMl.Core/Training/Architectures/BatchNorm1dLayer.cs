namespace OrleansMl.Core.Training.Architectures;

/// <summary>Batch normalization over the features of N×F; ε 1e-5, momentum 0.1.</summary>
/// <param name="Features">Features.</param>
public sealed record BatchNorm1dLayer(int Features) : Layer;
