namespace OrleansMl.Core.Training.Architectures;

/// <summary>FP32 N×1, NaN where missing → float N×1: missing becomes Fill, then (x − Shift) / Scale.</summary>
/// <param name="Fill">Raw value in place of a missing one.</param>
/// <param name="Shift">Subtracted.</param>
/// <param name="Scale">Divided by, above 0.</param>
/// <param name="AllowsMissing">Whether who predicts may leave the number out: the dataset has rows without it, or the configuration gives a constant fill.</param>
public sealed record NumberTransform(
    float Fill,
    float Shift,
    float Scale,
    bool AllowsMissing = false
) : InputTransform;
