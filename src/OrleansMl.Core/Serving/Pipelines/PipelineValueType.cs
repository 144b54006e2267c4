using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>What a value of a pipeline holds a row.</summary>
/// <param name="Datatype">Open Inference Protocol name.</param>
/// <param name="Inner">Dimensions past the rows; −1 is variable.</param>
internal sealed record PipelineValueType(string Datatype, IReadOnlyList<long> Inner)
{
    /// <summary>Elements a row; null where a dimension is variable.</summary>
    public long? Elements =>
        Inner.Any(d => d < 0) ? null : Inner.Aggregate(1L, (product, d) => product * d);

    public bool IsFloat => Datatype is "FP32" or "FP64";

    public static PipelineValueType Of(TensorSignature tensor) =>
        new(tensor.Datatype, [.. tensor.Shape.Skip(1)]);

    public TensorSignature ToSignature(string name, bool allowsMissing = false) =>
        new()
        {
            Name = name,
            Datatype = Datatype,
            Shape = [-1, .. Inner],
            AllowsMissing = allowsMissing,
        };

    /// <summary>Whether a value of this type can stand where the other is expected: the same datatype, and the same shape or as many elements a row.</summary>
    public bool Fits(PipelineValueType expected)
    {
        if (Datatype != expected.Datatype)
            return false;
        if (Elements is { } mine && expected.Elements is { } theirs)
            return mine == theirs;
        return Inner.Count == expected.Inner.Count
            && Inner
                .Zip(expected.Inner)
                .All(d => d.First < 0 || d.Second < 0 || d.First == d.Second);
    }

    public override string ToString() => $"{Datatype} [{string.Join(", ", Inner.Prepend(-1))}]";
}
