using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>How two answers to one request compare. A row agrees when every label is the same and every row of scores has its highest at the same place.</summary>
/// <param name="Mismatched">Whether names, types or shapes differ; the rest is 0 then.</param>
/// <param name="Rows">Rows with classes.</param>
/// <param name="AgreeingRows">Of these, rows of one class.</param>
/// <param name="Numbers">Numbers compared.</param>
/// <param name="Distance">The sum of their absolute differences.</param>
/// <param name="LargestDistance">The largest of them.</param>
public readonly record struct OutputComparison(
    bool Mismatched,
    long Rows,
    long AgreeingRows,
    long Numbers,
    double Distance,
    double LargestDistance
)
{
    /// <summary>Compares outputs by name.</summary>
    public static OutputComparison Compare(
        IReadOnlyList<InferenceTensor> live,
        IReadOnlyList<InferenceTensor> shadow
    )
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(shadow);
        bool[]? agrees = null;
        long numbers = 0;
        double distance = 0;
        double largest = 0;
        foreach (var a in live)
        {
            var b = shadow.FirstOrDefault(tensor => tensor.Name == a.Name);
            if (b is null || b.Datatype != a.Datatype || !b.Shape.SequenceEqual(a.Shape))
                return new(true, 0, 0, 0, 0, 0);
            var rows = a.Shape.Count > 0 ? (int)a.Shape[0] : 1;
            if (a.Datatype is "FP32" or "FP64")
            {
                var (left, right) = (Numbers64(a), Numbers64(b));
                numbers += left.Length;
                for (var i = 0; i < left.Length; i++)
                {
                    var apart = Math.Abs(left[i] - right[i]);
                    // Both not a number, or the same infinity: no difference. One of them: as far apart as can be said.
                    if (double.IsNaN(apart))
                        apart = left[i].Equals(right[i]) ? 0 : double.MaxValue;
                    distance += apart;
                    largest = Math.Max(largest, apart);
                }
                var columns = rows == 0 ? 0 : left.Length / rows;
                if (a.Shape.Count == 2 && columns > 1)
                    Judge(
                        rows,
                        row =>
                            TensorPrimitives.IndexOfMax<double>(left.AsSpan(row * columns, columns))
                            == TensorPrimitives.IndexOfMax<double>(
                                right.AsSpan(row * columns, columns)
                            )
                    );
            }
            else if (a.Datatype == TensorDatatypes.Bytes)
            {
                var (left, right) = (Texts(a.Data.Span, rows), Texts(b.Data.Span, rows));
                Judge(rows, row => left[row].Span.SequenceEqual(right[row].Span));
            }
            else if (rows > 0)
            {
                var width = a.Data.Length / rows;
                Judge(
                    rows,
                    row =>
                        a.Data.Span.Slice(row * width, width)
                            .SequenceEqual(b.Data.Span.Slice(row * width, width))
                );
            }
        }
        return new(
            false,
            agrees?.Length ?? 0,
            agrees?.Count(agreed => agreed) ?? 0,
            numbers,
            distance,
            largest
        );

        void Judge(int rows, Func<int, bool> same)
        {
            agrees ??= [.. Enumerable.Repeat(true, rows)];
            for (var row = 0; row < Math.Min(rows, agrees.Length); row++)
                agrees[row] &= same(row);
        }

        ReadOnlyMemory<byte>[] Texts(ReadOnlySpan<byte> data, int rows)
        {
            var texts = new ReadOnlyMemory<byte>[rows];
            var offset = 0;
            for (var row = 0; row < rows && offset + 4 <= data.Length; row++)
            {
                var length = (int)MemoryMarshal.Read<uint>(data[offset..]);
                texts[row] = data.Slice(offset + 4, length).ToArray();
                offset += 4 + length;
            }
            return texts;
        }
    }

    /// <summary>A tally with this comparison and both times added.</summary>
    public ShadowTally AddTo(ShadowTally tally, double seconds, double shadowSeconds)
    {
        ArgumentNullException.ThrowIfNull(tally);
        return tally with
        {
            Compared = tally.Compared + 1,
            Mismatched = tally.Mismatched + (Mismatched ? 1 : 0),
            Rows = tally.Rows + Rows,
            AgreeingRows = tally.AgreeingRows + AgreeingRows,
            Numbers = tally.Numbers + Numbers,
            Distance = tally.Distance + Distance,
            LargestDistance = Math.Max(tally.LargestDistance, LargestDistance),
            Seconds = tally.Seconds + seconds,
            ShadowSeconds = tally.ShadowSeconds + shadowSeconds,
        };
    }

    private static double[] Numbers64(InferenceTensor tensor)
    {
        if (tensor.Datatype == "FP64")
            return MemoryMarshal.Cast<byte, double>(tensor.Data.Span).ToArray();
        var singles = MemoryMarshal.Cast<byte, float>(tensor.Data.Span);
        var doubles = new double[singles.Length];
        TensorPrimitives.ConvertChecked<float, double>(singles, doubles);
        return doubles;
    }
}
