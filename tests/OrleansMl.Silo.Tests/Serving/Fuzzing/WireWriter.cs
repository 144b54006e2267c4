using System.Buffers.Binary;
using System.Text;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Writes protobuf by its wire format, so that what no generated class would write can be written too.</summary>
internal sealed class WireWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public WireWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public WireWriter Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }
        _bytes.Add((byte)value);
        return this;
    }

    public WireWriter Number(int field, ulong value) => Varint((ulong)field << 3).Varint(value);

    public WireWriter Double(int field, double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return Varint(((ulong)field << 3) | 1).Raw(bytes);
    }

    public WireWriter Bytes(int field, ReadOnlySpan<byte> bytes) =>
        Varint(((ulong)field << 3) | 2).Varint((ulong)bytes.Length).Raw(bytes);

    public WireWriter Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public WireWriter Message(int field, WireWriter message) => Bytes(field, message.ToArray());
}
