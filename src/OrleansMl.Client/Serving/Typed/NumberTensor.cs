using System.Numerics;
using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Makes a tensor's bytes of numbers of another type.</summary>
internal static class NumberTensor
{
    /// <exception cref="InvalidInputException">A value isn't one of the tensor's datatype, or the values are no numbers.</exception>
    public static byte[] Convert<T>(ReadOnlySpan<T> values, TensorSignature tensor)
        where T : unmanaged =>
        default(T) switch
        {
            byte => From(MemoryMarshal.Cast<T, byte>(values), tensor),
            sbyte => From(MemoryMarshal.Cast<T, sbyte>(values), tensor),
            ushort => From(MemoryMarshal.Cast<T, ushort>(values), tensor),
            short => From(MemoryMarshal.Cast<T, short>(values), tensor),
            uint => From(MemoryMarshal.Cast<T, uint>(values), tensor),
            int => From(MemoryMarshal.Cast<T, int>(values), tensor),
            ulong => From(MemoryMarshal.Cast<T, ulong>(values), tensor),
            long => From(MemoryMarshal.Cast<T, long>(values), tensor),
            Half => From(MemoryMarshal.Cast<T, Half>(values), tensor),
            float => From(MemoryMarshal.Cast<T, float>(values), tensor),
            double => From(MemoryMarshal.Cast<T, double>(values), tensor),
            _ => throw new InvalidInputException(
                $"{ModelText.Of(tensor)} takes no {typeof(T).Name}: expected numbers, truth values or texts."
            ),
        };

    private static byte[] From<T>(ReadOnlySpan<T> values, TensorSignature tensor)
        where T : unmanaged, INumber<T> =>
        tensor.Datatype switch
        {
            "UINT8" => To<T, byte>(values, tensor),
            "INT8" => To<T, sbyte>(values, tensor),
            "UINT16" => To<T, ushort>(values, tensor),
            "INT16" => To<T, short>(values, tensor),
            "UINT32" => To<T, uint>(values, tensor),
            "INT32" => To<T, int>(values, tensor),
            "UINT64" => To<T, ulong>(values, tensor),
            "INT64" => To<T, long>(values, tensor),
            "FP16" => To<T, Half>(values, tensor),
            "FP32" => To<T, float>(values, tensor),
            "FP64" => To<T, double>(values, tensor),
            _ => throw new InvalidInputException(
                $"{ModelText.Of(tensor)} takes no numbers{(tensor.Datatype == "BF16" ? " of a .NET type: give its bytes in a tensor" : "")}."
            ),
        };

    private static byte[] To<T, TTo>(ReadOnlySpan<T> values, TensorSignature tensor)
        where T : unmanaged, INumber<T>
        where TTo : unmanaged, INumber<TTo>
    {
        if (typeof(T) == typeof(TTo))
            return MemoryMarshal.AsBytes(values).ToArray();
        // Rounding is what floating-point numbers do; a whole number is the same or wrong.
        var rounds =
            typeof(TTo) == typeof(float)
            || typeof(TTo) == typeof(double)
            || typeof(TTo) == typeof(Half);
        var converted = new TTo[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            converted[i] = TTo.CreateSaturating(values[i]);
            var isLost = rounds
                ? T.IsFinite(values[i]) && !TTo.IsFinite(converted[i])
                : T.CreateSaturating(converted[i]) != values[i];
            if (isLost)
                throw new InvalidInputException(
                    $"{ModelText.Of(tensor)}: {values[i]} (element {i}) is no {tensor.Datatype}."
                );
        }
        return MemoryMarshal.AsBytes(converted.AsSpan()).ToArray();
    }
}
