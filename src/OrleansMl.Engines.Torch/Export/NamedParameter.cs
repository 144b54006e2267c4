namespace OrleansMl.Engines.Torch.Export;

/// <summary>A trained parameter or buffer.</summary>
/// <param name="Name">Its name, by <see cref="Core.Training.Architectures.ParameterNames"/>.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Values">Its elements, row-major.</param>
internal sealed record NamedParameter(
    string Name,
    IReadOnlyList<long> Shape,
    ReadOnlyMemory<float> Values
);
