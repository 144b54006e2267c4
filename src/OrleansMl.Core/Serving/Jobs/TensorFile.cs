using System.Buffers.Binary;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>Tensors as an artifact: a uint32 length, so many bytes of JSON that names the tensors with their datatypes, shapes and sizes, then their bytes one after the other.</summary>
public static class TensorFile
{
    private const int MaxHeader = 16 << 20;

    /// <summary>The tensors' bytes, the same for the same tensors.</summary>
    public static byte[] Write(IReadOnlyList<InferenceTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var header = JsonSerializer.SerializeToUtf8Bytes(
            tensors.Select(t => new Entry(t.Name, t.Datatype, t.Shape, t.Data.Length)),
            ContractsJson.Options
        );
        var bytes = new byte[
            sizeof(uint) + header.Length + tensors.Sum(tensor => (long)tensor.Data.Length)
        ];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)header.Length);
        header.CopyTo(bytes, sizeof(uint));
        var at = sizeof(uint) + header.Length;
        foreach (var tensor in tensors)
        {
            tensor.Data.Span.CopyTo(bytes.AsSpan(at));
            at += tensor.Data.Length;
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="Write"/> wrote; the tensors share the memory.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static IReadOnlyList<InferenceTensor> Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < sizeof(uint))
            throw new InvalidDataException("A file of tensors ends before its header.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
        if (length > MaxHeader || length > bytes.Length - sizeof(uint))
            throw new InvalidDataException(
                $"A file of tensors has {bytes.Length} bytes and a header of {length}."
            );
        var entries =
            JsonSerializer.Deserialize<Entry[]>(
                bytes.Span.Slice(sizeof(uint), (int)length),
                ContractsJson.Options
            ) ?? [];
        var at = sizeof(uint) + (int)length;
        if (entries.Sum(entry => (long)entry.Bytes) != bytes.Length - at)
            throw new InvalidDataException(
                $"A file of tensors has {bytes.Length - at} bytes after its header, which names {entries.Sum(entry => (long)entry.Bytes)}."
            );
        var tensors = new InferenceTensor[entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            tensors[i] = new InferenceTensor
            {
                Name = entries[i].Name,
                Datatype = entries[i].Datatype,
                Shape = entries[i].Shape,
                Data = bytes.Slice(at, entries[i].Bytes),
            };
            at += entries[i].Bytes;
        }
        return tensors;
    }

    private sealed record Entry(string Name, string Datatype, IReadOnlyList<long> Shape, int Bytes);
}
