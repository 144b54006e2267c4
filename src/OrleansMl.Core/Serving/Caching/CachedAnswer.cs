using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Caching;

/// <summary>A kept answer: a copy of the outputs in memory of their own, of which the cache is a holder until it lets the answer go.</summary>
internal sealed class CachedAnswer
{
    // The entry, its node and its place in the dictionary; a tensor's record, name and shape.
    private const int EntryBytes = 320;
    private const int TensorBytes = 160;
    private const int Alignment = sizeof(ulong);

    private CachedAnswer(
        RequestDigest key,
        ModelVersionId version,
        IReadOnlyList<InferenceTensor> outputs,
        TensorMemory memory,
        long bytes
    ) => (Key, Version, Outputs, Memory, Bytes) = (key, version, outputs, memory, bytes);

    public RequestDigest Key { get; }

    public ModelVersionId Version { get; }

    public IReadOnlyList<InferenceTensor> Outputs { get; }

    public TensorMemory Memory { get; }

    /// <summary>What it counts for.</summary>
    public long Bytes { get; }

    /// <summary>The clock's timestamp from which it is too old.</summary>
    public long ExpiresAt { get; init; }

    /// <summary>Whether it was asked for since it came.</summary>
    public bool IsProtected { get; set; }

    public static CachedAnswer Copy(
        RequestDigest key,
        ModelVersionId version,
        IReadOnlyList<InferenceTensor> outputs,
        long expiresAt
    )
    {
        var room = 0;
        foreach (var tensor in outputs)
            room += Aligned(tensor.Data.Length);
        var memory = new TensorMemory();
        var buffer = memory.Rent(Math.Max(1, room));
        var copies = new InferenceTensor[outputs.Count];
        var at = 0;
        for (var i = 0; i < copies.Length; i++)
        {
            var data = outputs[i].Data;
            data.CopyTo(buffer.AsMemory(at));
            copies[i] = outputs[i] with { Data = buffer.AsMemory(at, data.Length) };
            at += Aligned(data.Length);
        }
        return new CachedAnswer(
            key,
            version,
            copies,
            memory,
            buffer.Length + EntryBytes + (long)TensorBytes * copies.Length
        )
        {
            ExpiresAt = expiresAt,
        };
    }

    private static int Aligned(int bytes) => (bytes + Alignment - 1) & -Alignment;
}
