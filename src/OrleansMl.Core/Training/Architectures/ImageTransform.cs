namespace OrleansMl.Core.Training.Architectures;

/// <summary>UINT8 N×H×W×C → float N×C×H×W: (x / 255 − mean) / deviation, a channel at a time.</summary>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Mean">A value a channel.</param>
/// <param name="Deviation">A value a channel, above 0.</param>
public sealed record ImageTransform(
    int Height,
    int Width,
    int Channels,
    IReadOnlyList<float> Mean,
    IReadOnlyList<float> Deviation
) : InputTransform;
