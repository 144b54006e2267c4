namespace OrleansMl.Core.Training.Architectures;

/// <summary>Maximum over square windows.</summary>
/// <param name="KernelSize">Side of the window.</param>
/// <param name="Stride">Step.</param>
public sealed record MaxPool2dLayer(int KernelSize, int Stride) : Layer;
