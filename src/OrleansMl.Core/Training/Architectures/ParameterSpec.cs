namespace OrleansMl.Core.Training.Architectures;

/// <summary>One array of a network's state.</summary>
/// <param name="Name">Its name in a state dictionary and in the weights file; see <see cref="ParameterNames"/>.</param>
/// <param name="Shape">Dimensions, row-major; elements are 32-bit floats.</param>
/// <param name="Trained">Whether the optimizer changes it; false for the running statistics of batch normalization.</param>
public sealed record ParameterSpec(string Name, IReadOnlyList<long> Shape, bool Trained)
{
    /// <summary>Elements: the product of the dimensions.</summary>
    public long Elements => Shape.Aggregate(1L, static (product, size) => checked(product * size));
}
