using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Batching;

/// <summary>What calls must have in common to share a run: every dimension but the first, and the outputs asked for. Immutable.</summary>
public sealed class BatchGroup : IEquatable<BatchGroup>
{
    /// <summary>The group of calls that leave nothing open: no variable dimension but the first, and all outputs.</summary>
    public static BatchGroup Plain { get; } = new([], []);

    private readonly long[] _dimensions;
    private readonly string[] _outputs;
    private readonly int _hash;

    private BatchGroup(long[] dimensions, string[] outputs)
    {
        _dimensions = dimensions;
        _outputs = outputs;
        var hash = new HashCode();
        foreach (var dimension in dimensions)
            hash.Add(dimension);
        foreach (var output in outputs)
            hash.Add(output, StringComparer.Ordinal);
        _hash = hash.ToHashCode();
    }

    /// <summary>The group of a call whose inputs are checked and in the signature's order.</summary>
    public static BatchGroup Of(
        ModelSignature signature,
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string> outputs
    )
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        List<long>? dimensions = null;
        for (var i = 0; i < signature.Inputs.Count; i++)
        {
            var declared = signature.Inputs[i].Shape;
            for (var d = 1; d < declared.Count; d++)
            {
                if (declared[d] < 0)
                    (dimensions ??= []).Add(inputs[i].Shape[d]);
            }
        }
        return dimensions is null && outputs.Count == 0
            ? Plain
            : new BatchGroup([.. dimensions ?? []], [.. outputs]);
    }

    /// <inheritdoc/>
    public bool Equals(BatchGroup? other) =>
        ReferenceEquals(this, other)
        || (
            other is not null
            && _hash == other._hash
            && _dimensions.AsSpan().SequenceEqual(other._dimensions)
            && _outputs.AsSpan().SequenceEqual(other._outputs)
        );

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BatchGroup);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;
}
