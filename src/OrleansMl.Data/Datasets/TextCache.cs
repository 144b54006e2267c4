using System.IO.Hashing;
using System.Text;

namespace OrleansMl.Data.Datasets;

/// <summary>Gives repeated UTF-8 values the same string, so that a column of categories allocates each once. Not thread-safe.</summary>
internal sealed class TextCache
{
    private const int Slots = 4096;
    private const int LongestKept = 256;

    private readonly (ulong Hash, byte[] Utf8, string Text)[] _slots = new (ulong, byte[], string)[
        Slots
    ];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestKept)
            return Encoding.UTF8.GetString(utf8);
        var hash = XxHash3.HashToUInt64(utf8);
        ref var slot = ref _slots[hash % Slots];
        if (slot.Utf8 is null || slot.Hash != hash || !utf8.SequenceEqual(slot.Utf8))
            slot = (hash, utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return slot.Text;
    }
}
