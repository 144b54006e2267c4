using System.Buffers;
using System.Runtime.InteropServices;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Numbers one after the other: an array or a memory.</summary>
internal sealed class FlatValue<T, TValue>(
    Func<TValue, ReadOnlyMemory<T>> elements,
    Func<T[], TValue> make
) : TensorValue<TValue>
    where T : unmanaged
{
    public override long Count(TValue value) => elements(value).Length;

    public override void Write(TValue value, IBufferWriter<byte> target) =>
        target.Write(MemoryMarshal.AsBytes(elements(value).Span));

    public override TValue Read(ReadOnlySpan<byte> data, ref int at, ReadOnlySpan<long> row)
    {
        var values = new T[Elements(row)];
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        data.Slice(at, bytes.Length).CopyTo(bytes);
        at += bytes.Length;
        return make(values);
    }
}
