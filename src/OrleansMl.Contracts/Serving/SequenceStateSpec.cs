namespace OrleansMl.Contracts.Serving;

/// <summary>A piece of state: an output of one call that is an input of the next.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SequenceStateSpec")]
public sealed record SequenceStateSpec
{
    /// <summary>The model's input that takes it; callers do not send it.</summary>
    [Id(0)]
    public required string Input { get; init; }

    /// <summary>The model's output that gives it, of the same datatype.</summary>
    [Id(1)]
    public required string Output { get; init; }

    /// <summary>The shape at the beginning, all dimensions from 1; at most 16 of them. Null: the input's, with 1 for each variable dimension.</summary>
    [Id(2)]
    public IReadOnlyList<long>? Shape { get; init; }

    /// <summary>The values at the beginning, row-major, as many as the shape has; one value stands for all. Null: zeros, or empty texts. Not for BYTES.</summary>
    [Id(3)]
    public IReadOnlyList<double>? Initial { get; init; }
}
