namespace OrleansMl.Core.Training.Architectures;

/// <summary>BYTES N×1 (text) or INT64 N×1 → index N: position in Values + 1, 0 for unknown or missing (an empty text; long.MinValue). Boolean columns are text: <c>true</c> and <c>false</c>.</summary>
/// <param name="FromInteger">Whether raw values are INT64; Values are then their invariant text.</param>
/// <param name="Values">The vocabulary.</param>
/// <param name="AllowsMissing">Whether who predicts may leave the value out: the dataset has rows without it.</param>
public sealed record CategoryTransform(
    bool FromInteger,
    IReadOnlyList<string> Values,
    bool AllowsMissing = false
) : InputTransform;
