using System.Buffers.Binary;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>One row of a request and its baseline, input by input, from which rows are made in which some players are replaced.</summary>
internal sealed class RowPerturbation(
    IReadOnlyList<InferenceTensor> row,
    IReadOnlyList<ReadOnlyMemory<byte>> baseline,
    IReadOnlyList<PlayerMap> maps
)
{
    /// <summary>Inputs of a batch with one row a mask.</summary>
    public IReadOnlyList<InferenceTensor> Apply(IReadOnlyList<bool[]> masks)
    {
        var inputs = new InferenceTensor[row.Count];
        var first = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = row[i] with
            {
                Shape = [masks.Count, .. row[i].Shape.Skip(1)],
                Data =
                    row[i].Datatype == TensorDatatypes.Bytes
                        ? Texts(i, masks, first)
                        : Elements(i, masks, first),
            };
            first += maps[i].Count;
        }
        return inputs;
    }

    /// <summary>Rows of an input, cut out of a tensor of several.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Rows(InferenceTensor tensor)
    {
        var rows = new ReadOnlyMemory<byte>[(int)tensor.Shape[0]];
        if (tensor.Datatype != TensorDatatypes.Bytes)
        {
            var bytes = tensor.Data.Length / Math.Max(1, rows.Length);
            for (var i = 0; i < rows.Length; i++)
                rows[i] = tensor.Data.Slice(i * bytes, bytes);
            return rows;
        }
        var width = tensor.Shape.Skip(1).Aggregate(1L, (a, b) => a * b);
        var at = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var begin = at;
            for (var element = 0L; element < width; element++)
                at +=
                    sizeof(uint)
                    + (int)BinaryPrimitives.ReadUInt32LittleEndian(tensor.Data.Span[at..]);
            rows[i] = tensor.Data[begin..at];
        }
        return rows;
    }

    private byte[] Elements(int input, IReadOnlyList<bool[]> masks, int first)
    {
        var own = row[input].Data.Span;
        var other = baseline[input].Span;
        var players = maps[input].Players;
        var size = own.Length / players.Length;
        var data = new byte[own.Length * masks.Count];
        for (var m = 0; m < masks.Count; m++)
        {
            var target = data.AsSpan(m * own.Length, own.Length);
            own.CopyTo(target);
            for (var e = 0; e < players.Length; e++)
            {
                if (!masks[m][first + players[e]])
                    other.Slice(e * size, size).CopyTo(target[(e * size)..]);
            }
        }
        return data;
    }

    private byte[] Texts(int input, IReadOnlyList<bool[]> masks, int first)
    {
        using var data = new MemoryStream();
        foreach (var mask in masks)
            data.Write((mask[first] ? row[input].Data : baseline[input]).Span);
        return data.ToArray();
    }
}
