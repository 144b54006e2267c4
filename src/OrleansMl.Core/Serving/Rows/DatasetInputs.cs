using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Rows;

/// <summary>
/// The one mapping of a dataset's rows to a model's inputs: an input is the column of its name. Numbers go to any numeric datatype that
/// holds them, images and vectors to inputs of as many elements, texts to BYTES, truth values to BOOL. A missing value is what
/// <see cref="TensorSignature.AllowsMissing"/> says, and an error elsewhere.
/// </summary>
public sealed class DatasetInputs
{
    private readonly ModelSignature _signature;

    private DatasetInputs(ModelSignature signature, IReadOnlyList<DatasetColumn> columns)
    {
        _signature = signature;
        Columns = columns;
    }

    /// <summary>The columns to read, one an input, in the signature's order.</summary>
    public IReadOnlyList<DatasetColumn> Columns { get; }

    /// <summary>Finds each input's column.</summary>
    /// <exception cref="InvalidInputException">A column is missing or can't be an input's; the message names both.</exception>
    public static DatasetInputs Of(ModelSignature signature, IReadOnlyList<DatasetColumn> schema)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(schema);
        var columns = new List<DatasetColumn>();
        foreach (var input in signature.Inputs)
        {
            var column =
                schema.FirstOrDefault(c => c.Name == input.Name)
                ?? throw new InvalidInputException(
                    $"The model's input '{input.Name}' has no column of its name; the dataset has {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}."
                );
            if (!Fits(input, column))
                throw new InvalidInputException(
                    $"The model's input '{input.Name}' is {input.Datatype} [{string.Join(", ", input.Shape)}], which column '{column.Name}' ({DatasetSchemas.Describe(column)}) can't be."
                );
            columns.Add(column);
        }
        return new DatasetInputs(signature, columns);
    }

    /// <summary>Some rows of a batch as the model's inputs.</summary>
    /// <param name="columns">The values of <see cref="Columns"/>.</param>
    /// <param name="rows">Which rows, by their number in the batch.</param>
    /// <exception cref="InvalidInputException">A value is missing, or the input's datatype can't hold it; the message names column and row.</exception>
    public IReadOnlyList<InferenceTensor> ToTensors(
        IReadOnlyList<ColumnBatch> columns,
        ReadOnlySpan<int> rows
    )
    {
        ArgumentNullException.ThrowIfNull(columns);
        var tensors = new InferenceTensor[_signature.Inputs.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            var input = _signature.Inputs[i];
            tensors[i] = new InferenceTensor
            {
                Name = input.Name,
                Datatype = input.Datatype,
                Shape = [rows.Length, .. Inner(input, Columns[i])],
                Data = Data(input, Columns[i], columns[i], rows),
            };
        }
        return tensors;
    }

    private static IEnumerable<long> Inner(TensorSignature input, DatasetColumn column)
    {
        if (input.Shape.Skip(1).All(d => d >= 0))
            return input.Shape.Skip(1);
        return column.Shape.Count == 0
            ? input.Shape.Skip(1).Select(_ => 1L)
            : column.Shape.Select(d => (long)d);
    }

    private static bool Fits(TensorSignature input, DatasetColumn column)
    {
        if (input.Shape.Count == 0 || input.Shape[0] >= 0)
            return false;
        var inner = input.Shape.Skip(1).ToList();
        var elements = column.Shape.Aggregate(1L, (product, d) => product * d);
        var shape =
            inner.TrueForAll(d => d >= 0)
                ? inner.Aggregate(1L, (product, d) => product * d) == elements
            : column.Shape.Count == 0 ? inner.TrueForAll(d => d is -1 or 1)
            : inner.Count == column.Shape.Count
                && inner.Zip(column.Shape).All(d => d.First < 0 || d.First == d.Second);
        return shape
            && column.Kind switch
            {
                ColumnKind.Text => input.Datatype == TensorDatatypes.Bytes,
                ColumnKind.Boolean => input.Datatype is "BOOL",
                ColumnKind.Image => input.Datatype is "UINT8" or "FP32",
                ColumnKind.Vector => input.Datatype is "FP32" or "FP64",
                ColumnKind.Number => input.Datatype is "FP32" or "FP64",
                _ => input.Datatype
                    is "FP32"
                        or "FP64"
                        or "INT8"
                        or "INT16"
                        or "INT32"
                        or "INT64"
                        or "UINT8"
                        or "UINT16"
                        or "UINT32"
                        or "UINT64",
            };
    }

    private static byte[] Data(
        TensorSignature input,
        DatasetColumn column,
        ColumnBatch values,
        ReadOnlySpan<int> rows
    ) =>
        column.Kind switch
        {
            ColumnKind.Text => Texts(input, values.Texts!, rows),
            ColumnKind.Boolean => Booleans(input, values, rows),
            ColumnKind.Image => Wide(input, (ReadOnlySpan<byte>)values.Pixels, column, rows),
            ColumnKind.Vector => Wide(input, (ReadOnlySpan<float>)values.Vectors, column, rows),
            ColumnKind.Number => Numbers(input, values.Numbers!, rows),
            _ => Integers(input, values, rows),
        };

    private static byte[] Wide<T>(
        TensorSignature input,
        ReadOnlySpan<T> values,
        DatasetColumn column,
        ReadOnlySpan<int> rows
    )
        where T : unmanaged, INumberBase<T>
    {
        var width = column.Shape.Aggregate(1, (product, d) => product * d);
        var taken = new T[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
            values.Slice(rows[i] * width, width).CopyTo(taken.AsSpan(i * width));
        return input.Datatype switch
        {
            "FP32" when typeof(T) != typeof(float) => Bytes(
                Array.ConvertAll(taken, float.CreateTruncating)
            ),
            "FP64" => Bytes(Array.ConvertAll(taken, double.CreateTruncating)),
            _ => Bytes(taken),
        };
    }

    private static byte[] Numbers(TensorSignature input, double[] values, ReadOnlySpan<int> rows)
    {
        var taken = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            taken[i] = values[rows[i]];
            if (double.IsNaN(taken[i]) && !input.AllowsMissing)
                throw Missing(input, rows[i]);
        }
        return input.Datatype == "FP64"
            ? Bytes(taken)
            : Bytes(Array.ConvertAll(taken, n => (float)n));
    }

    private static byte[] Integers(
        TensorSignature input,
        ColumnBatch values,
        ReadOnlySpan<int> rows
    )
    {
        if (input.Datatype is "FP32" or "FP64")
        {
            var numbers = new double[values.Integers!.Length];
            foreach (var row in rows)
                numbers[row] = values.Missing?[row] == true ? double.NaN : values.Integers[row];
            return Numbers(input, numbers, rows);
        }
        var taken = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var missing = values.Missing?[rows[i]] == true;
            if (missing && !input.AllowsMissing)
                throw Missing(input, rows[i]);
            taken[i] = missing ? long.MinValue : values.Integers![rows[i]];
        }
        try
        {
            return input.Datatype switch
            {
                "INT8" => Bytes(Array.ConvertAll(taken, sbyte.CreateChecked)),
                "INT16" => Bytes(Array.ConvertAll(taken, short.CreateChecked)),
                "INT32" => Bytes(Array.ConvertAll(taken, int.CreateChecked)),
                "UINT8" => Bytes(Array.ConvertAll(taken, byte.CreateChecked)),
                "UINT16" => Bytes(Array.ConvertAll(taken, ushort.CreateChecked)),
                "UINT32" => Bytes(Array.ConvertAll(taken, uint.CreateChecked)),
                "UINT64" => Bytes(Array.ConvertAll(taken, ulong.CreateChecked)),
                _ => Bytes(taken),
            };
        }
        catch (OverflowException error)
        {
            throw new InvalidInputException(
                $"Column '{input.Name}': a value is outside the model's {input.Datatype}.",
                error
            );
        }
    }

    private static byte[] Booleans(
        TensorSignature input,
        ColumnBatch values,
        ReadOnlySpan<int> rows
    )
    {
        var taken = new bool[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (values.Missing?[rows[i]] == true)
                throw Missing(input, rows[i]);
            taken[i] = values.Booleans![rows[i]];
        }
        return Bytes(taken);
    }

    private static byte[] Texts(TensorSignature input, string?[] values, ReadOnlySpan<int> rows)
    {
        var length = 0;
        foreach (var row in rows)
        {
            if (values[row] is null && !input.AllowsMissing)
                throw Missing(input, row);
            length += sizeof(uint) + Encoding.UTF8.GetByteCount(values[row] ?? "");
        }
        var data = new byte[length];
        var at = 0;
        foreach (var row in rows)
        {
            var written = Encoding.UTF8.GetBytes(values[row] ?? "", data.AsSpan(at + sizeof(uint)));
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(at), (uint)written);
            at += sizeof(uint) + written;
        }
        return data;
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static InvalidInputException Missing(TensorSignature input, int row) =>
        new(
            $"Column '{input.Name}' has no value in row {row} of its batch, and the model takes none as missing there."
        );
}
