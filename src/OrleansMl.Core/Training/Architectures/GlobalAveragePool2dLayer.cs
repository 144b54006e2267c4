namespace OrleansMl.Core.Training.Architectures;

/// <summary>N×C×H×W → N×C: the mean of each channel.</summary>
public sealed record GlobalAveragePool2dLayer() : Layer;
