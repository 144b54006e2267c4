using System.Buffers.Binary;
using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>The protocol's classification extension: an output as texts of its best classes, <c>score:index:label</c>.</summary>
internal static class BestClasses
{
    /// <summary>Whether an output can be given as classes: numbers, one a class in the last dimension.</summary>
    /// <exception cref="InvalidInputException">It can't.</exception>
    public static void RequireScores(string name, string datatype, int rank)
    {
        if (datatype is "BYTES" or "BOOL" || rank < 1)
            throw new InvalidInputException(
                $"output '{name}': classification needs numbers with a class in each column, got {datatype} of {rank} dimensions."
            );
    }

    /// <summary>A tensor of texts with as many of the best classes, in place of the last dimension.</summary>
    public static InferenceTensor Of(
        InferenceTensor tensor,
        int classes,
        IReadOnlyList<string> labels
    )
    {
        RequireScores(tensor.Name, tensor.Datatype, tensor.Shape.Count);
        var columns = (int)tensor.Shape[^1];
        var best = Math.Min(classes, columns);
        var texts = new List<byte[]>();
        var cursor = new TensorCursor(tensor);
        var scores = new double[columns];
        var order = new int[columns];
        while (!cursor.AtEnd)
        {
            for (var i = 0; i < columns; i++)
                (scores[i], order[i]) = (-cursor.NextNumber(), i);
            // A stable order: of equal scores the lower class comes first.
            Array.Sort(
                order,
                (a, b) => scores[a] != scores[b] ? scores[a].CompareTo(scores[b]) : a.CompareTo(b)
            );
            foreach (var index in order.AsSpan(0, best))
            {
                texts.Add(
                    Encoding.UTF8.GetBytes(
                        index < labels.Count
                            ? $"{-scores[index]}:{index}:{labels[index]}"
                            : $"{-scores[index]}:{index}"
                    )
                );
            }
        }
        return new InferenceTensor
        {
            Name = tensor.Name,
            Datatype = "BYTES",
            Shape = [.. tensor.Shape.SkipLast(1), best],
            Data = Pack(texts),
        };
    }

    private static byte[] Pack(List<byte[]> texts)
    {
        var packed = new byte[texts.Sum(text => sizeof(uint) + text.Length)];
        var rest = packed.AsSpan();
        foreach (var text in texts)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)text.Length);
            text.CopyTo(rest[sizeof(uint)..]);
            rest = rest[(sizeof(uint) + text.Length)..];
        }
        return packed;
    }
}
