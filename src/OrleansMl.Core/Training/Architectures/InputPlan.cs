namespace OrleansMl.Core.Training.Architectures;

/// <summary>One input feature: its column, transform and encoder.</summary>
/// <param name="Name">The feature's name: the ONNX input, and the prefix of its parameters.</param>
/// <param name="Column">The dataset's column.</param>
/// <param name="Transform">Raw to what the encoder takes.</param>
/// <param name="Encoder">Ends in N×Width. Empty: the transform's output as it is.</param>
/// <param name="Width">Features that it gives to the combiner.</param>
public sealed record InputPlan(
    string Name,
    string Column,
    InputTransform Transform,
    IReadOnlyList<Layer> Encoder,
    int Width
);
