using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>
/// The SHA-256 of what an answer depends on: the inputs whole, with names, datatypes and shapes, and the outputs asked for. Two requests with
/// one digest are the same request: nobody can make two that are not.
/// </summary>
public readonly record struct RequestDigest
{
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    // Hashing is of one piece on one thread.
    [ThreadStatic]
    private static IncrementalHash? _hash;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _head;

    private RequestDigest(ReadOnlySpan<byte> hash)
    {
        _a = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]);
    }

    /// <summary>A request's digest, for one version under one revision of its serving policy.</summary>
    public static RequestDigest Of(InferenceRequest request, ModelVersionId version, long revision)
    {
        var head = _head ??= new ArrayBufferWriter<byte>();
        head.ResetWrittenCount();
        Write(head, version.Name);
        Write(head, version.Version);
        Write(head, revision);
        return Finish(head, request);
    }

    /// <summary>A request's digest, whichever version answers.</summary>
    public static RequestDigest Of(InferenceRequest request)
    {
        var head = _head ??= new ArrayBufferWriter<byte>();
        head.ResetWrittenCount();
        return Finish(head, request);
    }

    /// <inheritdoc/>
    public bool Equals(RequestDigest other) =>
        _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override int GetHashCode() => _a.GetHashCode();

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() =>
        string.Create(
            null,
            stackalloc char[64],
            $"{BinaryPrimitives.ReverseEndianness(_a):x16}{BinaryPrimitives.ReverseEndianness(_b):x16}{BinaryPrimitives.ReverseEndianness(_c):x16}{BinaryPrimitives.ReverseEndianness(_d):x16}"
        );

    // First all that says where what ends, every text and list behind its length, so that no two requests give the same bytes.
    private static RequestDigest Finish(ArrayBufferWriter<byte> head, InferenceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var inputs = request.Inputs ?? [];
        var outputs = request.Outputs ?? [];
        Write(head, inputs.Count);
        for (var i = 0; i < inputs.Count; i++)
        {
            var tensor = inputs[i];
            Write(head, tensor?.Name ?? "");
            Write(head, tensor?.Datatype ?? "");
            var shape = tensor?.Shape ?? [];
            Write(head, shape.Count);
            for (var j = 0; j < shape.Count; j++)
                Write(head, shape[j]);
            Write(head, tensor?.Data.Length ?? -1);
        }
        Write(head, outputs.Count);
        for (var i = 0; i < outputs.Count; i++)
            Write(head, outputs[i] ?? "");
        var hash = _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head.WrittenSpan);
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is { } tensor)
                hash.AppendData(tensor.Data.Span);
        }
        Span<byte> result = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(result);
        return new RequestDigest(result);
    }

    private static void Write(ArrayBufferWriter<byte> head, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(head.GetSpan(sizeof(long)), value);
        head.Advance(sizeof(long));
    }

    private static void Write(ArrayBufferWriter<byte> head, string? text)
    {
        Write(head, text?.Length ?? 0);
        if (text is not null)
            head.Write(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
