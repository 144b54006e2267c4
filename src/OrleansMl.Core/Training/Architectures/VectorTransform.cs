namespace OrleansMl.Core.Training.Architectures;

/// <summary>FP32 N×L → float N×L: (x − Shift) / Scale, an element at a time.</summary>
/// <param name="Length">L.</param>
/// <param name="Shift">L values.</param>
/// <param name="Scale">L values above 0.</param>
public sealed record VectorTransform(
    int Length,
    IReadOnlyList<float> Shift,
    IReadOnlyList<float> Scale
) : InputTransform;
