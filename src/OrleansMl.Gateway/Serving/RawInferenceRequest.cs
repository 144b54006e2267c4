using System.Buffers.Binary;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>A body without JSON: the bytes of the model's only input, in a batch of one.</summary>
internal static class RawInferenceRequest
{
    /// <summary>Makes the request.</summary>
    /// <param name="body">The element of a BYTES input, or all elements of any other.</param>
    /// <param name="signature">The model's.</param>
    /// <param name="memory">Whose the body is.</param>
    /// <exception cref="InvalidInputException">The model takes no raw body, or none of this size.</exception>
    public static ParsedInferenceRequest Make(
        ReadOnlyMemory<byte> body,
        ModelSignature signature,
        TensorMemory memory
    )
    {
        if (signature.Inputs is not [var input])
            throw Invalid(
                $"the model has {signature.Inputs.Count} inputs, and a raw body is that of a single one; send JSON, with binary tensors behind it if wanted."
            );
        var size =
            TensorDatatypes.SizeOf(input.Datatype)
            ?? throw Invalid($"input '{input.Name}' has the unknown datatype {input.Datatype}.");
        return new ParsedInferenceRequest(
            new InferenceRequest
            {
                Inputs =
                [
                    new InferenceTensor
                    {
                        Name = input.Name,
                        Datatype = input.Datatype,
                        Shape = Shape(input, size == 0 ? 1 : Elements(input, body, size)),
                        Data = size == 0 ? Text(body, memory) : body,
                    },
                ],
                Memory = memory,
            },
            [],
            [],
            IsOutputBinary: true
        );
    }

    private static long Elements(TensorSignature input, ReadOnlyMemory<byte> body, int size) =>
        body.Length > 0 && body.Length % size == 0
            ? body.Length / size
            : throw Invalid(
                $"input '{input.Name}': expected a multiple of {size} bytes, the size of a {input.Datatype} element, got {body.Length}."
            );

    // The first dimension is the batch, of one row; another variable one follows from the body's length.
    private static long[] Shape(TensorSignature input, long elements)
    {
        var shape = input.Shape.ToArray();
        if (shape is [< 0, _, ..])
            shape[0] = 1;
        var open = -1;
        var known = 1L;
        for (var i = 0; i < shape.Length; i++)
        {
            if (shape[i] >= 0)
                known =
                    shape[i] > 0 && known > int.MaxValue / shape[i]
                        ? int.MaxValue + 1L
                        : known * shape[i];
            else if (open < 0)
                open = i;
            else
                throw Invalid(
                    $"input '{input.Name}' of shape [{string.Join(", ", input.Shape)}] has more than one variable dimension beside the batch; send JSON, which says the shape."
                );
        }
        if (open >= 0 && known > 0 && elements % known == 0)
        {
            shape[open] = elements / known;
            known = elements;
        }
        return known == elements
            ? shape
            : throw Invalid(
                $"input '{input.Name}': expected the {input.Datatype} elements of one row of shape [{string.Join(", ", input.Shape)}], got {elements}."
            );
    }

    private static ReadOnlyMemory<byte> Text(ReadOnlyMemory<byte> body, TensorMemory memory)
    {
        var element = memory.Rent(sizeof(uint) + body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)body.Length);
        body.CopyTo(element.AsMemory(sizeof(uint)));
        return element.AsMemory(0, sizeof(uint) + body.Length);
    }

    private static InvalidInputException Invalid(string message) => new($"The raw body: {message}");
}
