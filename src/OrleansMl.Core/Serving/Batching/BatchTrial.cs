using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Batching;

/// <summary>Tries, when a version is loaded, whether calls may be run together: two rows together must give what each gives alone.</summary>
public static class BatchTrial
{
    /// <summary>Largest difference of a float, relative above 1 and absolute below: the order of additions may differ by the size of a run, nothing else.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>Tries.</summary>
    /// <returns>Why the version must not be batched; null: it may.</returns>
    public static string? Run(IInferenceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var signature = session.Signature;
        if (Fixed("input", signature.Inputs) is { } input)
            return input;
        if (Fixed("output", signature.Outputs) is { } output)
            return output;
        try
        {
            return Compare(session, Rows(signature, varied: true));
        }
        catch (InvalidInputException)
        {
            // Values that mean something, an index for example, may not be any: zeros are what the version was warmed up with.
            try
            {
                return Compare(session, Rows(signature, varied: false));
            }
            catch (InvalidInputException e)
            {
                return $"two rows together are refused: {e.Message}";
            }
        }
    }

    private static string? Fixed(string what, IReadOnlyList<TensorSignature> tensors)
    {
        foreach (var tensor in tensors)
        {
            if (tensor.Shape.Count == 0 || tensor.Shape[0] >= 0)
                return $"{what} '{tensor.Name}' of [{string.Join(", ", tensor.Shape)}] has no variable first dimension";
        }
        return tensors.Count == 0 ? $"there is no {what}" : null;
    }

    private static string? Compare(IInferenceSession session, IReadOnlyList<InferenceTensor>[] rows)
    {
        var alone = rows.Select(row => session.Run(row, [])).ToArray();
        var together = session.Run(TensorBatches.Gather(rows, rows.Length, new TensorMemory()), []);
        foreach (var output in together)
        {
            if (output.Shape.Count == 0 || output.Shape[0] != rows.Length)
                return $"output '{output.Name}' of {rows.Length} rows has the shape [{string.Join(", ", output.Shape)}]";
        }
        var split = TensorBatches.Split(together, [.. rows.Select(_ => 1)]);
        for (var row = 0; row < rows.Length; row++)
        {
            for (var i = 0; i < together.Count; i++)
            {
                if (!Same(alone[row][i], split[row][i]))
                    return $"output '{together[i].Name}' of a row differs with its neighbours in the run";
            }
        }
        return null;
    }

    private static IReadOnlyList<InferenceTensor>[] Rows(ModelSignature signature, bool varied) =>
        [
            .. Enumerable
                .Range(0, 2)
                .Select(row =>
                    (IReadOnlyList<InferenceTensor>)
                        [.. signature.Inputs.Select(input => Row(input, varied ? row + 1 : 0))]
                ),
        ];

    private static InferenceTensor Row(TensorSignature input, int seed)
    {
        var shape = input.Shape.Select(dimension => Math.Max(dimension, 1)).ToArray();
        var elements = shape.Aggregate(1L, (product, dimension) => product * dimension);
        // An empty text is its length alone: four zero bytes.
        var size = TensorDatatypes.SizeOf(input.Datatype) is > 0 and var known
            ? known
            : sizeof(uint);
        var data = new byte[elements * size];
        if (seed > 0)
            Fill(input.Datatype, data, seed);
        return new InferenceTensor
        {
            Name = input.Name,
            Datatype = input.Datatype,
            Shape = shape,
            Data = data,
        };
    }

    // Any values do that differ from row to row and from element to element.
    private static void Fill(string datatype, byte[] data, int seed)
    {
        switch (datatype)
        {
            case "FP32":
                var singles = MemoryMarshal.Cast<byte, float>(data.AsSpan());
                for (var i = 0; i < singles.Length; i++)
                    singles[i] = (float)Math.Sin((i + 1) * (seed + 0.5));
                break;
            case "FP64":
                var doubles = MemoryMarshal.Cast<byte, double>(data.AsSpan());
                for (var i = 0; i < doubles.Length; i++)
                    doubles[i] = Math.Sin((i + 1) * (seed + 0.5));
                break;
            case "FP16":
                var halves = MemoryMarshal.Cast<byte, Half>(data.AsSpan());
                for (var i = 0; i < halves.Length; i++)
                    halves[i] = (Half)Math.Sin((i + 1) * (seed + 0.5));
                break;
            case TensorDatatypes.Bytes:
                break;
            case "BOOL" or "INT8" or "UINT8":
                for (var i = 0; i < data.Length; i++)
                    data[i] = (byte)((i + seed) % 2);
                break;
            default:
                // Little-endian integers: 0 or 1 are the likeliest to be allowed.
                var size = TensorDatatypes.SizeOf(datatype) ?? 1;
                for (var i = 0; i < data.Length; i += size)
                    data[i] = (byte)((i / size + seed) % 2);
                break;
        }
    }

    private static bool Same(InferenceTensor alone, InferenceTensor together)
    {
        if (!alone.Shape.SequenceEqual(together.Shape))
            return false;
        var a = alone.Data.Span;
        var b = together.Data.Span;
        if (a.Length != b.Length)
            return false;
        switch (alone.Datatype)
        {
            case "FP32":
                var s = MemoryMarshal.Cast<byte, float>(a);
                var t = MemoryMarshal.Cast<byte, float>(b);
                for (var i = 0; i < s.Length; i++)
                {
                    if (!Near(s[i], t[i]))
                        return false;
                }
                return true;
            case "FP64":
                var d = MemoryMarshal.Cast<byte, double>(a);
                var e = MemoryMarshal.Cast<byte, double>(b);
                for (var i = 0; i < d.Length; i++)
                {
                    if (!Near(d[i], e[i]))
                        return false;
                }
                return true;
            case "FP16":
                var h = MemoryMarshal.Cast<byte, Half>(a);
                var k = MemoryMarshal.Cast<byte, Half>(b);
                for (var i = 0; i < h.Length; i++)
                {
                    if (!Near((double)h[i], (double)k[i]))
                        return false;
                }
                return true;
            default:
                return a.SequenceEqual(b);
        }
    }

    private static bool Near(double a, double b) =>
        a.Equals(b) || Math.Abs(a - b) <= Tolerance * Math.Max(1, Math.Abs(a));
}
