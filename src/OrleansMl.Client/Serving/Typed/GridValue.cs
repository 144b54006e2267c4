using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>An array of several dimensions, for example <c>float[,]</c>: row-major, as .NET has it.</summary>
internal sealed class GridValue<T, TArray> : TensorValue<TArray>
    where T : unmanaged
    where TArray : class
{
    public override long Count(TArray value) => ((Array)(object)value).LongLength;

    public override long[] Dimensions(TArray value)
    {
        var array = (Array)(object)value;
        return [.. Enumerable.Range(0, array.Rank).Select(array.GetLongLength)];
    }

    public override void Write(TArray value, IBufferWriter<byte> target) =>
        target.Write(Bytes((Array)(object)value));

    public override TArray Read(ReadOnlySpan<byte> data, ref int at, ReadOnlySpan<long> row)
    {
        if (row.Length != typeof(TArray).GetArrayRank())
            throw new InvalidOperationException(
                $"a row of [{string.Join(',', row.ToArray())}] is no {typeof(TArray).Name}."
            );
        var array = Array.CreateInstance(typeof(T), row.ToArray());
        var bytes = Bytes(array);
        data.Slice(at, bytes.Length).CopyTo(bytes);
        at += bytes.Length;
        return (TArray)(object)array;
    }

    private static Span<byte> Bytes(Array array) =>
        MemoryMarshal.CreateSpan(
            ref MemoryMarshal.GetArrayDataReference(array),
            checked(array.Length * Unsafe.SizeOf<T>())
        );
}
