using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Pipelines.Operations;

/// <summary>The steps that make one answer of several members'.</summary>
internal static class EnsembleOperations
{
    /// <summary>The output of a vote that gives the winner's share of the weight.</summary>
    public const string Share = "share";

    /// <summary>The weighted mean, element by element; FP32 and FP64.</summary>
    public static RowOperation Average(PipelineValueType type, IReadOnlyList<double> weights) =>
        RowOperation.One(
            type,
            (inputs, _) =>
                (
                    [.. inputs[0].Shape.Skip(1)],
                    type.Datatype == "FP64"
                        ? Average<double>(inputs, weights)
                        : Average<float>(inputs, weights)
                )
        );

    /// <summary>The value with the most weight behind it; of equals, the one of the earliest member.</summary>
    public static RowOperation Vote(PipelineValueType type, IReadOnlyList<double> weights)
    {
        var total = weights.Sum();
        return new RowOperation(
            [(RowOperation.Output, type), (Share, new PipelineValueType("FP32", []))],
            (inputs, rows) =>
            {
                var winners = new int[rows];
                var shares = new float[rows];
                var positions = new int[rows];
                var votes = inputs.Select(input => Elements(input, rows)).ToArray();
                for (var row = 0; row < rows; row++)
                {
                    (winners[row], var weight) = Winner(inputs, votes, weights, row);
                    shares[row] = (float)(weight / total);
                    positions[row] = row;
                }
                return
                [
                    TensorRows.Merge(inputs, winners, positions) with
                    {
                        Name = RowOperation.Output,
                    },
                    RowOperation.Tensor(
                        Share,
                        "FP32",
                        rows,
                        [],
                        NumberOperations.Bytes<float>(shares)
                    ),
                ];
            }
        );
    }

    private static (int Winner, double Weight) Winner(
        IReadOnlyList<InferenceTensor> inputs,
        Range[][] votes,
        IReadOnlyList<double> weights,
        int row
    )
    {
        var best = (Winner: 0, Weight: double.NegativeInfinity);
        for (var i = 0; i < inputs.Count; i++)
        {
            var mine = inputs[i].Data.Span[votes[i][row]];
            var weight = 0.0;
            for (var j = 0; j < inputs.Count; j++)
            {
                if (mine.SequenceEqual(inputs[j].Data.Span[votes[j][row]]))
                    weight += weights[j];
            }
            if (weight > best.Weight)
                best = (i, weight);
        }
        return best;
    }

    private static Range[] Elements(InferenceTensor tensor, int rows)
    {
        var ranges = new Range[rows];
        var size = TensorDatatypes.SizeOf(tensor.Datatype)!.Value;
        var at = 0;
        for (var row = 0; row < rows; row++)
        {
            var length =
                size > 0
                    ? size
                    : sizeof(uint)
                        + (int)BinaryPrimitives.ReadUInt32LittleEndian(tensor.Data.Span[at..]);
            ranges[row] = at..(at + length);
            at += length;
        }
        return ranges;
    }

    private static byte[] Average<T>(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<double> weights
    )
        where T : unmanaged, INumber<T>
    {
        var data = new byte[inputs[0].Data.Length];
        var sum = MemoryMarshal.Cast<byte, T>(data.AsSpan());
        for (var i = 0; i < inputs.Count; i++)
        {
            var member = MemoryMarshal.Cast<byte, T>(inputs[i].Data.Span);
            if (member.Length != sum.Length)
                throw new InvalidInputException(
                    $"average: '{inputs[i].Name}' has {member.Length} elements, '{inputs[0].Name}' {sum.Length}; expected as many."
                );
            TensorPrimitives.MultiplyAdd(member, T.CreateTruncating(weights[i]), sum, sum);
        }
        TensorPrimitives.Divide(sum, T.CreateTruncating(weights.Sum()), sum);
        return data;
    }
}
