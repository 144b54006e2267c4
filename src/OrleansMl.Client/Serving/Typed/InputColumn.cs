using System.Buffers;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Makes one input of rows.</summary>
internal abstract class InputColumn<TRow>
{
    public abstract InferenceTensor Make(IReadOnlyList<TRow> rows);
}

/// <summary>Makes one input of rows.</summary>
/// <param name="property">The property that it is read from.</param>
/// <param name="get">Reads it.</param>
/// <param name="tensor">The input.</param>
internal sealed class InputColumn<TRow, TValue>(
    TypedProperty property,
    Func<TRow, TValue> get,
    TensorSignature tensor
) : InputColumn<TRow>
{
    private readonly TensorValue<TValue> _value = (TensorValue<TValue>)property.Value;
    private readonly string _place = property.Place;

    public override InferenceTensor Make(IReadOnlyList<TRow> rows)
    {
        var buffer = new ArrayBufferWriter<byte>();
        long[]? row = null;
        for (var i = 0; i < rows.Count; i++)
        {
            var value =
                get(rows[i]) ?? throw new InvalidInputException($"{_place} of row {i} is null.");
            var mine = RowShape.Of(
                tensor,
                property.Shape,
                _value.Dimensions(value),
                _value.Count(value),
                $"{_place} of row {i}"
            );
            if (row is not null && !row.AsSpan().SequenceEqual(mine))
                throw new InvalidInputException(
                    $"{_place} of row {i} has the shape [{string.Join(',', mine)}], the rows before it [{string.Join(',', row)}]: all rows of one call have one shape."
                );
            row = mine;
            _value.Write(value, buffer);
        }
        return TensorData.Make(
            tensor.Name,
            tensor.Datatype,
            buffer.WrittenMemory,
            // A tensor without dimensions is one row's alone.
            tensor.Shape.Count == 0
                ? []
                : [rows.Count, .. row!]
        );
    }
}
