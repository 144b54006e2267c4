using System.Buffers.Binary;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Batching;

/// <summary>Puts calls' tensors together along the first dimension, and gives each call its rows of the outputs.</summary>
public static class TensorBatches
{
    /// <summary>One set of inputs of several calls of one group, whose inputs are in the same order.</summary>
    /// <param name="calls">Their inputs.</param>
    /// <param name="rows">Of all of them.</param>
    /// <param name="memory">Where the block is rented.</param>
    public static InferenceTensor[] Gather(
        IReadOnlyList<IReadOnlyList<InferenceTensor>> calls,
        long rows,
        TensorMemory memory
    )
    {
        ArgumentNullException.ThrowIfNull(calls);
        ArgumentNullException.ThrowIfNull(memory);
        var gathered = new InferenceTensor[calls[0].Count];
        for (var i = 0; i < gathered.Length; i++)
        {
            var bytes = 0;
            foreach (var call in calls)
                bytes = checked(bytes + call[i].Data.Length);
            var block = memory.Rent(bytes).AsMemory(0, bytes);
            var at = 0;
            foreach (var call in calls)
            {
                call[i].Data.Span.CopyTo(block.Span[at..]);
                at += call[i].Data.Length;
            }
            gathered[i] = calls[0][i] with
            {
                Shape = WithRows(calls[0][i].Shape, rows),
                Data = block,
            };
        }
        return gathered;
    }

    /// <summary>Each call's outputs: slices of the batch's memory, nothing copied.</summary>
    /// <param name="outputs">The batch's.</param>
    /// <param name="rows">Of each call, in the order in which they were gathered.</param>
    /// <exception cref="InvalidDataException">An output does not have as many rows as the calls together.</exception>
    public static InferenceTensor[][] Split(
        IReadOnlyList<InferenceTensor> outputs,
        IReadOnlyList<int> rows
    )
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(rows);
        var split = new InferenceTensor[rows.Count][];
        for (var call = 0; call < split.Length; call++)
            split[call] = new InferenceTensor[outputs.Count];
        var all = rows.Sum(count => (long)count);
        for (var i = 0; i < outputs.Count; i++)
        {
            var output = outputs[i];
            if (output.Shape.Count == 0 || output.Shape[0] != all)
                throw new InvalidDataException(
                    $"output '{output.Name}' of a batch of {all} rows has the shape [{string.Join(", ", output.Shape)}]."
                );
            var at = 0;
            for (var call = 0; call < split.Length; call++)
            {
                var bytes = Length(output, rows[call], all, at);
                split[call][i] = output with
                {
                    Shape = WithRows(output.Shape, rows[call]),
                    Data = output.Data.Slice(at, bytes),
                };
                at += bytes;
            }
        }
        return split;
    }

    private static int Length(InferenceTensor output, int rows, long all, int at)
    {
        if (output.Datatype != TensorDatatypes.Bytes)
            return (int)(output.Data.Length / all * rows);
        var elements = (long)rows;
        for (var i = 1; i < output.Shape.Count; i++)
            elements *= output.Shape[i];
        var data = output.Data.Span[at..];
        var length = 0;
        for (var i = 0L; i < elements; i++)
            length += sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(data[length..]);
        return length;
    }

    private static long[] WithRows(IReadOnlyList<long> shape, long rows)
    {
        long[] changed = [.. shape];
        changed[0] = rows;
        return changed;
    }
}
