namespace OrleansMl.Core.Training.Architectures;

/// <summary>A network from raw features to predictions: encoders side by side, joined in order, the combiner, then the heads.</summary>
/// <param name="Inputs">One or more.</param>
/// <param name="Combiner">From the sum of the inputs' widths to CombinerWidth; may be empty (linear and logistic models).</param>
/// <param name="CombinerWidth">Features that the heads get.</param>
/// <param name="Heads">One or more.</param>
public sealed record ModelPlan(
    IReadOnlyList<InputPlan> Inputs,
    IReadOnlyList<Layer> Combiner,
    int CombinerWidth,
    IReadOnlyList<HeadPlan> Heads
);
