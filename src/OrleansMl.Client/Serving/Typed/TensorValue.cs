using System.Buffers;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>How one row's value of a .NET type is a tensor's elements.</summary>
internal abstract class TensorValue<TValue>
{
    /// <summary>Whether it is one element.</summary>
    public virtual bool IsScalar => false;

    /// <summary>How many elements a value has.</summary>
    public abstract long Count(TValue value);

    /// <summary>The value's own dimensions; null: it is flat.</summary>
    public virtual long[]? Dimensions(TValue value) => null;

    /// <summary>Appends the value's elements.</summary>
    public abstract void Write(TValue value, IBufferWriter<byte> target);

    /// <summary>Reads a row's elements, from <paramref name="at"/> on, which is moved behind them.</summary>
    public abstract TValue Read(ReadOnlySpan<byte> data, ref int at, ReadOnlySpan<long> row);

    protected static int Elements(ReadOnlySpan<long> row)
    {
        var count = 1L;
        foreach (var dimension in row)
            count = checked(count * dimension);
        return checked((int)count);
    }
}
