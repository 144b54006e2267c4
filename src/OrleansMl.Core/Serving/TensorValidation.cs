using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>Checks a request against a model's signature before any engine sees it; every error names the model, the tensor, what was expected and what came.</summary>
public static class TensorValidation
{
    private const int MaxNamed = 20;

    /// <summary>Checks a request; returns its inputs in the signature's order.</summary>
    /// <exception cref="InvalidInputException">A tensor's name, datatype, rank, shape, size or values are wrong.</exception>
    public static IReadOnlyList<InferenceTensor> Check(
        ModelVersionId model,
        ModelSignature signature,
        InferenceRequest request
    )
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(request);
        var ordered = new InferenceTensor[signature.Inputs.Count];
        foreach (var tensor in request.Inputs ?? [])
        {
            if (tensor is null)
                throw Error(model, "an input is null.");
            var index = IndexOf(signature.Inputs, tensor.Name);
            if (index < 0)
                throw Error(
                    model,
                    $"there is no input '{tensor.Name}'; expected {Names(signature.Inputs)}."
                );
            if (ordered[index] is not null)
                throw Error(model, $"input '{tensor.Name}' was given twice.");
            CheckTensor(model, signature.Inputs[index], tensor);
            ordered[index] = tensor;
        }
        for (var i = 0; i < ordered.Length; i++)
        {
            if (ordered[i] is null)
                throw Error(
                    model,
                    $"input '{signature.Inputs[i].Name}' is missing; expected {Names(signature.Inputs)}."
                );
        }
        CheckBatch(model, signature.Inputs, ordered);
        CheckOutputs(model, signature.Outputs, request.Outputs ?? []);
        return ordered;
    }

    private static void CheckTensor(
        ModelVersionId model,
        TensorSignature expected,
        InferenceTensor tensor
    )
    {
        if (tensor.Datatype != expected.Datatype)
            throw Error(
                model,
                $"input '{tensor.Name}': expected datatype {expected.Datatype}, got {tensor.Datatype}."
            );
        var shape = tensor.Shape ?? [];
        if (shape.Count != expected.Shape.Count)
            throw Error(
                model,
                $"input '{tensor.Name}': expected {expected.Shape.Count} dimensions, shape {Write(expected.Shape)}, got {shape.Count}, shape {Write(shape)}."
            );
        long elements = 1;
        for (var i = 0; i < shape.Count; i++)
        {
            if (shape[i] < 1 || (expected.Shape[i] >= 0 && shape[i] != expected.Shape[i]))
                throw Error(
                    model,
                    $"input '{tensor.Name}': expected shape {Write(expected.Shape)}{(expected.Shape.Contains(-1) ? " (-1: any number from 1)" : "")}, got {Write(shape)}."
                );
            if (elements > int.MaxValue / shape[i])
                throw Error(
                    model,
                    $"input '{tensor.Name}': shape {Write(shape)} has more than {int.MaxValue} elements."
                );
            elements *= shape[i];
        }
        CheckData(model, tensor, elements, expected.AllowsMissing);
    }

    private static void CheckData(
        ModelVersionId model,
        InferenceTensor tensor,
        long elements,
        bool allowsMissing
    )
    {
        var size =
            TensorDatatypes.SizeOf(tensor.Datatype)
            ?? throw Error(
                model,
                $"input '{tensor.Name}': datatype {tensor.Datatype} is not supported."
            );
        var data = tensor.Data.Span;
        if (size == 0)
        {
            CheckBytes(model, tensor, elements);
            return;
        }
        if (data.Length != elements * size)
            throw Error(
                model,
                $"input '{tensor.Name}': expected {elements * size} bytes for {elements} {tensor.Datatype} elements of shape {Write(tensor.Shape)}, got {data.Length}."
            );
        var bad = FirstBad(tensor.Datatype, data, allowsMissing);
        if (bad is { } found)
            throw Error(
                model,
                $"input '{tensor.Name}': expected {found.Expected} values, got {found.Value} at element {found.Index}."
            );
    }

    private static void CheckBytes(ModelVersionId model, InferenceTensor tensor, long elements)
    {
        var data = tensor.Data.Span;
        var offset = 0;
        for (long i = 0; i < elements; i++)
        {
            if (
                data.Length - offset < sizeof(uint)
                || BinaryPrimitives.ReadUInt32LittleEndian(data[offset..])
                    > data.Length - offset - sizeof(uint)
            )
                throw Error(
                    model,
                    $"input '{tensor.Name}': expected {elements} BYTES elements, each a uint32 length and its bytes; the data ends inside element {i}."
                );
            offset += sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);
        }
        if (offset != data.Length)
            throw Error(
                model,
                $"input '{tensor.Name}': expected {offset} bytes for {elements} BYTES elements, got {data.Length}."
            );
    }

    private static (long Index, string Expected, string Value)? FirstBad(
        string datatype,
        ReadOnlySpan<byte> data,
        bool allowsMissing
    )
    {
        var floats = allowsMissing ? "finite (NaN: missing)" : "finite";
        switch (datatype)
        {
            case "FP32":
                var singles = MemoryMarshal.Cast<byte, float>(data);
                // One vectorized pass decides; the place is looked for only when there is one to name.
                if (
                    allowsMissing
                        ? !TensorPrimitives.IsInfinityAny(singles)
                        : TensorPrimitives.IsFiniteAll(singles)
                )
                    return null;
                for (var i = 0; i < singles.Length; i++)
                {
                    if (!float.IsFinite(singles[i]) && !(allowsMissing && float.IsNaN(singles[i])))
                        return (i, floats, $"{singles[i]}");
                }
                return null;
            case "FP64":
                var doubles = MemoryMarshal.Cast<byte, double>(data);
                for (var i = 0; i < doubles.Length; i++)
                {
                    if (
                        !double.IsFinite(doubles[i]) && !(allowsMissing && double.IsNaN(doubles[i]))
                    )
                        return (i, floats, $"{doubles[i]}");
                }
                return null;
            case "FP16":
                var halves = MemoryMarshal.Cast<byte, Half>(data);
                for (var i = 0; i < halves.Length; i++)
                {
                    if (!Half.IsFinite(halves[i]))
                        return (i, "finite", $"{halves[i]}");
                }
                return null;
            case "BF16":
                var brains = MemoryMarshal.Cast<byte, ushort>(data);
                for (var i = 0; i < brains.Length; i++)
                {
                    // All exponent bits set: an infinity or NaN.
                    if ((brains[i] & 0x7F80) == 0x7F80)
                        return (i, "finite", (brains[i] & 0x7F) == 0 ? "Infinity" : "NaN");
                }
                return null;
            case "BOOL":
                var index = data.IndexOfAnyExcept((byte)0, (byte)1);
                return index < 0 ? null : (index, "0 or 1", $"{data[index]}");
            default:
                return null;
        }
    }

    private static void CheckBatch(
        ModelVersionId model,
        IReadOnlyList<TensorSignature> inputs,
        InferenceTensor[] tensors
    )
    {
        if (inputs.Count < 2 || inputs.Any(input => input.Shape.Count == 0 || input.Shape[0] >= 0))
            return;
        foreach (var tensor in tensors)
        {
            if (tensor.Shape[0] != tensors[0].Shape[0])
                throw Error(
                    model,
                    $"inputs disagree on the batch: '{tensors[0].Name}' has {tensors[0].Shape[0]} rows, '{tensor.Name}' has {tensor.Shape[0]}."
                );
        }
    }

    private static void CheckOutputs(
        ModelVersionId model,
        IReadOnlyList<TensorSignature> outputs,
        IReadOnlyList<string> asked
    )
    {
        for (var i = 0; i < asked.Count; i++)
        {
            if (IndexOf(outputs, asked[i]) < 0)
                throw Error(model, $"there is no output '{asked[i]}'; expected {Names(outputs)}.");
            for (var j = 0; j < i; j++)
            {
                if (asked[j] == asked[i])
                    throw Error(model, $"output '{asked[i]}' was asked for twice.");
            }
        }
    }

    private static int IndexOf(IReadOnlyList<TensorSignature> tensors, string name)
    {
        for (var i = 0; i < tensors.Count; i++)
        {
            if (tensors[i].Name == name)
                return i;
        }
        return -1;
    }

    private static string Names(IReadOnlyList<TensorSignature> tensors) =>
        string.Join(
            ", ",
            tensors
                .Take(MaxNamed)
                .Select(tensor => $"'{tensor.Name}' ({tensor.Datatype} {Write(tensor.Shape)})")
        ) + (tensors.Count > MaxNamed ? $" and {tensors.Count - MaxNamed} more" : "");

    private static string Write(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    private static InvalidInputException Error(ModelVersionId model, string message) =>
        new($"model {model}: {message}");
}
