using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>A text.</summary>
internal sealed class TextValue : TensorValue<string>
{
    public override bool IsScalar => true;

    public override long Count(string value) => 1;

    public override void Write(string value, IBufferWriter<byte> target)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        var span = target.GetSpan(sizeof(uint) + length);
        BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)length);
        Encoding.UTF8.GetBytes(value, span[sizeof(uint)..]);
        target.Advance(sizeof(uint) + length);
    }

    public override string Read(ReadOnlySpan<byte> data, ref int at, ReadOnlySpan<long> row)
    {
        var length = checked((int)BinaryPrimitives.ReadUInt32LittleEndian(data[at..]));
        var text = Encoding.UTF8.GetString(data.Slice(at + sizeof(uint), length));
        at += sizeof(uint) + length;
        return text;
    }
}
