using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>The bytes behind a request's JSON: tensors take theirs from the front, in the order of the JSON.</summary>
internal sealed class BinaryTensors(ReadOnlyMemory<byte> bytes, TensorMemory memory)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    /// <summary>The next tensor's bytes: in place, unless its elements would not stand at a multiple of their size.</summary>
    /// <exception cref="InvalidInputException">There are not so many.</exception>
    public ReadOnlyMemory<byte> Take(string name, string datatype, long size)
    {
        if (size < 0 || size > _rest.Length)
            throw new InvalidInputException(
                $"input '{name}': expected binary_data_size to be 0 to {_rest.Length}, the bytes that are left behind the JSON, got {size}."
            );
        var data = _rest[..(int)size];
        _rest = _rest[(int)size..];
        var element =
            TensorDatatypes.SizeOf(datatype)
            ?? throw new InvalidInputException(
                $"input '{name}': expected a datatype of {TensorElements.AllNames}, or BF16 in binary, got '{datatype}'."
            );
        return element <= 1 || IsAligned(data, element) ? data : Copy(data);
    }

    /// <summary>Refuses bytes that no tensor took.</summary>
    /// <exception cref="InvalidInputException">There are some.</exception>
    public void RequireEnd()
    {
        if (_rest.Length > 0)
            throw new InvalidInputException(
                $"{_rest.Length} bytes behind the JSON belong to no tensor: each binary input says its own by the parameter binary_data_size."
            );
    }

    // An array's first element stands at a multiple of 8, wherever the array is moved to.
    private static bool IsAligned(ReadOnlyMemory<byte> data, int element) =>
        MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset % element == 0;

    private Memory<byte> Copy(ReadOnlyMemory<byte> data)
    {
        var copy = memory.Rent(data.Length).AsMemory(0, data.Length);
        data.CopyTo(copy);
        return copy;
    }
}
