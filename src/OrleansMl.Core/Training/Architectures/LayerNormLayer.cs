namespace OrleansMl.Core.Training.Architectures;

/// <summary>Layer normalization over the features of N×F; ε 1e-5 (Ba et al. 2016).</summary>
/// <param name="Features">Features.</param>
public sealed record LayerNormLayer(int Features) : Layer;
