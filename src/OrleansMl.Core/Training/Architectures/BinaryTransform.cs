namespace OrleansMl.Core.Training.Architectures;

/// <summary>BOOL N×1 → float N×1 of 0 and 1. The column holds booleans, or whole numbers 0 and 1.</summary>
/// <param name="Fill">In place of a missing value when the dataset is read.</param>
public sealed record BinaryTransform(bool Fill) : InputTransform;
