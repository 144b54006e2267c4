namespace OrleansMl.Core.Training.Architectures;

/// <summary>Batch normalization over the channels of N×C×H×W; ε 1e-5, momentum 0.1 (Ioffe and Szegedy 2015).</summary>
/// <param name="Channels">Channels.</param>
public sealed record BatchNorm2dLayer(int Channels) : Layer;
