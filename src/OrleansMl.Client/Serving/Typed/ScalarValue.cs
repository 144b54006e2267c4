using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>A number or truth value.</summary>
internal sealed class ScalarValue<T> : TensorValue<T>
    where T : unmanaged
{
    public override bool IsScalar => true;

    public override long Count(T value) => 1;

    public override void Write(T value, IBufferWriter<byte> target) =>
        target.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    public override T Read(ReadOnlySpan<byte> data, ref int at, ReadOnlySpan<long> row)
    {
        var value = MemoryMarshal.Read<T>(data[at..]);
        at += Unsafe.SizeOf<T>();
        return value;
    }
}
