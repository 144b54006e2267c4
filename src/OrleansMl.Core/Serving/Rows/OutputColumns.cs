using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Rows;

/// <summary>
/// A model's outputs as columns. One number a row becomes a Number or Integer column, truth values Boolean, BYTES Text; several FP32 or FP16
/// numbers a row become a Vector. Every value is kept exactly.
/// </summary>
public sealed class OutputColumns
{
    private readonly ModelSignature _signature;

    private OutputColumns(ModelSignature signature, IReadOnlyList<DatasetColumn> columns)
    {
        _signature = signature;
        Columns = columns;
    }

    /// <summary>A column an output, in the signature's order.</summary>
    public IReadOnlyList<DatasetColumn> Columns { get; }

    /// <summary>Finds each output's column.</summary>
    /// <exception cref="InvalidInputException">An output can't be kept in a column exactly.</exception>
    public static OutputColumns Of(ModelSignature signature, string prefix)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return new OutputColumns(signature, [.. signature.Outputs.Select(o => Column(o, prefix))]);
    }

    /// <summary>An answer's outputs as the values of <see cref="Columns"/>.</summary>
    /// <exception cref="InvalidInputException">An output is missing, has other rows or another width, or a value that no column keeps.</exception>
    public IReadOnlyList<ColumnBatch> ToColumns(IReadOnlyList<InferenceTensor> outputs, int rows)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var columns = new ColumnBatch[Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var name = _signature.Outputs[i].Name;
            var tensor =
                outputs.FirstOrDefault(output => output.Name == name)
                ?? throw new InvalidInputException($"The model gave no output '{name}'.");
            if (tensor.Shape.Count == 0 || tensor.Shape[0] != rows)
                throw new InvalidInputException(
                    $"The model gave output '{name}' of [{string.Join(", ", tensor.Shape)}] for {rows} rows."
                );
            columns[i] = Values(tensor, Columns[i], rows);
        }
        return columns;
    }

    private static DatasetColumn Column(TensorSignature output, string prefix)
    {
        var inner = output.Shape.Skip(1).ToList();
        var known = output.Shape.Count > 0 && output.Shape[0] < 0 && inner.TrueForAll(d => d >= 1);
        var width = inner.Aggregate(1L, (product, d) => product * d);
        ColumnKind? kind = output.Datatype switch
        {
            "FP32" or "FP16" => width == 1 ? ColumnKind.Number : ColumnKind.Vector,
            "FP64" when width == 1 => ColumnKind.Number,
            "BOOL" when width == 1 => ColumnKind.Boolean,
            TensorDatatypes.Bytes when width == 1 => ColumnKind.Text,
            "UINT8"
            or "UINT16"
            or "UINT32"
            or "UINT64"
            or "INT8"
            or "INT16"
            or "INT32"
            or "INT64" when width == 1 => ColumnKind.Integer,
            _ => null,
        };
        if (!known || kind is null || width > int.MaxValue)
            throw new InvalidInputException(
                $"The model's output '{output.Name}' ({output.Datatype} [{string.Join(", ", output.Shape)}]) can't be a column: expected one value a row, or a known number of FP32 numbers; put a pipeline around the model that selects what you need."
            );
        return new DatasetColumn
        {
            Name = prefix + output.Name,
            Kind = kind.Value,
            Shape = kind is ColumnKind.Vector ? [(int)width] : [],
            Nullable = kind is ColumnKind.Number,
        };
    }

    private static ColumnBatch Values(InferenceTensor tensor, DatasetColumn column, int rows)
    {
        var data = tensor.Data.Span;
        var width = column.Shape.Count == 0 ? 1 : column.Shape[0];
        var size = TensorDatatypes.SizeOf(tensor.Datatype) ?? 0;
        if (size > 0 && data.Length != (long)rows * width * size)
            throw new InvalidInputException(
                $"The model gave output '{tensor.Name}' of [{string.Join(", ", tensor.Shape)}]; expected {width} values a row."
            );
        switch (column.Kind)
        {
            case ColumnKind.Vector:
                return new ColumnBatch { Vectors = Singles(tensor.Datatype, data) };
            case ColumnKind.Number when tensor.Datatype == "FP64":
                return new ColumnBatch
                {
                    Numbers = MemoryMarshal.Cast<byte, double>(data).ToArray(),
                };
            case ColumnKind.Number:
                return new ColumnBatch
                {
                    Numbers = Array.ConvertAll(Singles(tensor.Datatype, data), n => (double)n),
                };
            case ColumnKind.Boolean:
                return new ColumnBatch
                {
                    Booleans = MemoryMarshal.Cast<byte, bool>(data).ToArray(),
                };
            case ColumnKind.Text:
                return new ColumnBatch { Texts = Texts(tensor, rows) };
            default:
                return new ColumnBatch { Integers = Integers(tensor, data) };
        }
    }

    private static float[] Singles(string datatype, ReadOnlySpan<byte> data) =>
        datatype == "FP16"
            ? Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(data).ToArray(), h => (float)h)
            : MemoryMarshal.Cast<byte, float>(data).ToArray();

    private static long[] Integers(InferenceTensor tensor, ReadOnlySpan<byte> data)
    {
        try
        {
            return tensor.Datatype switch
            {
                "INT8" => Array.ConvertAll(
                    MemoryMarshal.Cast<byte, sbyte>(data).ToArray(),
                    long.CreateChecked
                ),
                "INT16" => Convert<short>(data),
                "INT32" => Convert<int>(data),
                "UINT8" => Convert<byte>(data),
                "UINT16" => Convert<ushort>(data),
                "UINT32" => Convert<uint>(data),
                "UINT64" => Convert<ulong>(data),
                _ => MemoryMarshal.Cast<byte, long>(data).ToArray(),
            };
        }
        catch (OverflowException error)
        {
            throw new InvalidInputException(
                $"The model's output '{tensor.Name}' has a value past {long.MaxValue}, the most that a column holds.",
                error
            );
        }
    }

    private static long[] Convert<T>(ReadOnlySpan<byte> data)
        where T : unmanaged, System.Numerics.INumberBase<T> =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, T>(data).ToArray(), long.CreateChecked);

    private static string[] Texts(InferenceTensor tensor, int rows)
    {
        var texts = new string[rows];
        var data = tensor.Data.Span;
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        try
        {
            for (var row = 0; row < rows; row++)
            {
                var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
                texts[row] = strict.GetString(data.Slice(sizeof(uint), length));
                data = data[(sizeof(uint) + length)..];
            }
            return texts;
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidInputException(
                $"The model's output '{tensor.Name}' has bytes that are no UTF-8 text, which no column keeps.",
                error
            );
        }
    }
}
