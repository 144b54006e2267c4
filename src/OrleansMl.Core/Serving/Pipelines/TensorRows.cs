using System.Buffers.Binary;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>Takes rows out of tensors and puts tensors' rows together. The first dimension counts the rows.</summary>
internal static class TensorRows
{
    /// <summary>Some of a tensor's rows, by their positions in it.</summary>
    public static InferenceTensor Take(InferenceTensor tensor, ReadOnlySpan<int> positions)
    {
        var starts = Starts(tensor);
        var bytes = 0;
        foreach (var position in positions)
            bytes += starts(position + 1) - starts(position);
        var data = GC.AllocateUninitializedArray<byte>(bytes);
        var at = 0;
        foreach (var position in positions)
        {
            var from = starts(position);
            var length = starts(position + 1) - from;
            tensor.Data.Span.Slice(from, length).CopyTo(data.AsSpan(at));
            at += length;
        }
        return tensor with { Shape = [positions.Length, .. tensor.Shape.Skip(1)], Data = data };
    }

    /// <summary>A tensor of as many rows as there are sources: each row is that of its source, at its position there.</summary>
    /// <exception cref="InvalidInputException">The sources differ in datatype or shape.</exception>
    public static InferenceTensor Merge(
        IReadOnlyList<InferenceTensor> sources,
        ReadOnlySpan<int> source,
        ReadOnlySpan<int> position
    )
    {
        var first = sources[0];
        foreach (var other in sources)
        {
            if (
                other.Datatype != first.Datatype
                || !other.Shape.Skip(1).SequenceEqual(first.Shape.Skip(1))
            )
                throw new InvalidInputException(
                    $"rows of '{first.Name}' ({first.Datatype} [{string.Join(", ", first.Shape)}]) and '{other.Name}' ({other.Datatype} [{string.Join(", ", other.Shape)}]) can't be put together; expected the same datatype and shape."
                );
        }
        var starts = sources.Select(Starts).ToArray();
        var bytes = 0;
        for (var row = 0; row < source.Length; row++)
            bytes += starts[source[row]](position[row] + 1) - starts[source[row]](position[row]);
        var data = GC.AllocateUninitializedArray<byte>(bytes);
        var at = 0;
        for (var row = 0; row < source.Length; row++)
        {
            var from = starts[source[row]](position[row]);
            var length = starts[source[row]](position[row] + 1) - from;
            sources[source[row]].Data.Span.Slice(from, length).CopyTo(data.AsSpan(at));
            at += length;
        }
        return first with { Shape = [source.Length, .. first.Shape.Skip(1)], Data = data };
    }

    /// <summary>Where each row begins, in bytes; one past the last row gives the end.</summary>
    private static Func<int, int> Starts(InferenceTensor tensor)
    {
        var elements = 1;
        for (var i = 1; i < tensor.Shape.Count; i++)
            elements *= (int)tensor.Shape[i];
        if (TensorDatatypes.SizeOf(tensor.Datatype) is { } size and > 0)
            return row => row * elements * size;
        var starts = new int[tensor.Shape[0] + 1];
        var data = tensor.Data.Span;
        var at = 0;
        for (var row = 0; row < starts.Length - 1; row++)
        {
            for (var i = 0; i < elements; i++)
                at += sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);
            starts[row + 1] = at;
        }
        return row => starts[row];
    }
}
