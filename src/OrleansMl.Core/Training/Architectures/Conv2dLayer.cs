namespace OrleansMl.Core.Training.Architectures;

/// <summary>A square two-dimensional convolution over N×C×H×W.</summary>
/// <param name="InputChannels">Channels of x.</param>
/// <param name="OutputChannels">Channels of y.</param>
/// <param name="KernelSize">Side of the kernel.</param>
/// <param name="Stride">Step.</param>
/// <param name="Padding">Zeros on every side.</param>
/// <param name="Bias">Whether a bias is there.</param>
public sealed record Conv2dLayer(
    int InputChannels,
    int OutputChannels,
    int KernelSize,
    int Stride,
    int Padding,
    bool Bias = true
) : Layer;
