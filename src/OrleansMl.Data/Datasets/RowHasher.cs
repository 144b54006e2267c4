using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Hashes a row's content: the same values give the same hash wherever the row stands. Not thread-safe.</summary>
internal sealed class RowHasher(IReadOnlyList<DatasetColumn> schema)
{
    private readonly int[] _widths = [.. schema.Select(ShardSchema.Width)];
    private byte[] _row = new byte[1024];
    private int _length;

    public ulong Hash(IReadOnlyList<ColumnBatch> columns, int row)
    {
        _length = 0;
        for (var i = 0; i < columns.Count; i++)
            Append(columns[i], schema[i].Kind, _widths[i], row);
        return XxHash3.HashToUInt64(_row.AsSpan(0, _length));
    }

    private void Append(ColumnBatch values, ColumnKind kind, int width, int row)
    {
        // A length before each value keeps ("ab", "c") and ("a", "bc") apart; -1 is a missing one.
        var missing = values.Missing is { } flags && flags[row];
        switch (kind)
        {
            case ColumnKind.Number when !double.IsNaN(values.Numbers![row]):
                BinaryPrimitives.WriteDoubleLittleEndian(Take(8), values.Numbers[row]);
                break;
            case ColumnKind.Integer when !missing:
                BinaryPrimitives.WriteInt64LittleEndian(Take(8), values.Integers![row]);
                break;
            case ColumnKind.Boolean when !missing:
                Take(1)[0] = values.Booleans![row] ? (byte)1 : (byte)0;
                break;
            case ColumnKind.Text when values.Texts![row] is { } text:
                Encoding.UTF8.GetBytes(text, Take(Encoding.UTF8.GetByteCount(text)));
                break;
            case ColumnKind.Image:
                values.Pixels.AsSpan(row * width, width).CopyTo(Take(width));
                break;
            case ColumnKind.Vector:
                var bytes = MemoryMarshal.AsBytes(values.Vectors.AsSpan(row * width, width));
                bytes.CopyTo(Take(bytes.Length));
                break;
            default:
                Take(-1);
                break;
        }
    }

    private Span<byte> Take(int length)
    {
        var needed = _length + sizeof(int) + Math.Max(0, length);
        if (_row.Length < needed)
            Array.Resize(ref _row, Math.Max(needed, _row.Length * 2));
        BinaryPrimitives.WriteInt32LittleEndian(_row.AsSpan(_length), length);
        var span = _row.AsSpan(_length + sizeof(int), Math.Max(0, length));
        _length = needed;
        return span;
    }
}
