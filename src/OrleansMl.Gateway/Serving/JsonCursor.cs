using System.Text.Json;

namespace OrleansMl.Gateway.Serving;

/// <summary>A JSON reader that can go on behind what was read past it.</summary>
internal ref struct JsonCursor
{
    private readonly ReadOnlySpan<byte> _utf8;
    private int _start;

    public JsonCursor(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        _utf8 = utf8;
        Reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
    }

    /// <summary>The reader; its positions count from where the cursor last went on.</summary>
    public Utf8JsonReader Reader;

    /// <summary>What comes after the current token.</summary>
    public readonly ReadOnlySpan<byte> Rest => _utf8[(_start + (int)Reader.BytesConsumed)..];

    /// <summary>All that is read.</summary>
    public readonly int Length => _utf8.Length;

    /// <summary>Whether anything was passed over: an error's position does not count it then.</summary>
    public bool HasSkipped { get; private set; }

    /// <summary>Passes over so many bytes of <see cref="Rest"/>, which must be whole values of the array that the reader is in.</summary>
    public void Skip(int bytes)
    {
        _start += (int)Reader.BytesConsumed + bytes;
        HasSkipped = true;
        Reader = new Utf8JsonReader(_utf8[_start..], isFinalBlock: true, Reader.CurrentState);
    }
}
