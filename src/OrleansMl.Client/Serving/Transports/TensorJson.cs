using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>Writes a tensor's elements as JSON, flat.</summary>
internal static class TensorJson
{
    /// <exception cref="InvalidInputException">It holds a number that isn't finite, or JSON has no form of its type.</exception>
    public static void Write(Utf8JsonWriter writer, InferenceTensor tensor)
    {
        var data = tensor.Data.Span;
        switch (tensor.Datatype)
        {
            case "UINT8":
                foreach (var value in data)
                    writer.WriteNumberValue((uint)value);
                break;
            case "INT8":
                foreach (var value in MemoryMarshal.Cast<byte, sbyte>(data))
                    writer.WriteNumberValue(value);
                break;
            case "UINT16":
                foreach (var value in MemoryMarshal.Cast<byte, ushort>(data))
                    writer.WriteNumberValue((uint)value);
                break;
            case "INT16":
                foreach (var value in MemoryMarshal.Cast<byte, short>(data))
                    writer.WriteNumberValue(value);
                break;
            case "UINT32":
                foreach (var value in MemoryMarshal.Cast<byte, uint>(data))
                    writer.WriteNumberValue(value);
                break;
            case "INT32":
                foreach (var value in MemoryMarshal.Cast<byte, int>(data))
                    writer.WriteNumberValue(value);
                break;
            case "UINT64":
                foreach (var value in MemoryMarshal.Cast<byte, ulong>(data))
                    writer.WriteNumberValue(value);
                break;
            case "INT64":
                foreach (var value in MemoryMarshal.Cast<byte, long>(data))
                    writer.WriteNumberValue(value);
                break;
            case "FP16":
                foreach (var value in MemoryMarshal.Cast<byte, Half>(data))
                    writer.WriteNumberValue(Finite(tensor, (float)value));
                break;
            case "FP32":
                foreach (var value in MemoryMarshal.Cast<byte, float>(data))
                    writer.WriteNumberValue(Finite(tensor, value));
                break;
            case "FP64":
                foreach (var value in MemoryMarshal.Cast<byte, double>(data))
                    writer.WriteNumberValue(Finite(tensor, value));
                break;
            case "BOOL":
                foreach (var value in data)
                    writer.WriteBooleanValue(value != 0);
                break;
            case "BYTES":
                foreach (var text in tensor.AsText())
                    writer.WriteStringValue(text);
                break;
            default:
                throw new InvalidInputException(
                    $"tensor '{tensor.Name}' has type '{tensor.Datatype}', expected BOOL, UINT8–64, INT8–64, FP16, FP32, FP64 or BYTES."
                );
        }
    }

    private static T Finite<T>(InferenceTensor tensor, T value)
        where T : System.Numerics.IFloatingPointIeee754<T> =>
        T.IsFinite(value)
            ? value
            : throw new InvalidInputException(
                $"tensor '{tensor.Name}' holds {value}: a model takes finite numbers alone."
            );
}
