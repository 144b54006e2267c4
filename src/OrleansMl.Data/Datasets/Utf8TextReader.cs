using System.Buffers;
using System.Text.Unicode;
using OrleansMl.Contracts;

namespace OrleansMl.Data.Datasets;

/// <summary>Decodes a source as UTF-8 with or without a byte-order mark, and refuses anything else with its place. Not thread-safe.</summary>
internal sealed class Utf8TextReader : TextReader
{
    private readonly SourceStream _source;
    private readonly byte[] _bytes = new byte[1 << 16];
    private int _start;
    private int _end;
    private long _offset;
    private long _lines = 1;
    private bool _ended;
    private char? _lowSurrogate;

    public Utf8TextReader(SourceStream source)
    {
        _source = source;
        Fill();
        var first = _bytes.AsSpan(0, _end);
        if (first.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            _start = 3;
        else if (first is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new InvalidInputException(
                $"{source.Name}: expected UTF-8, got the byte-order mark of UTF-16; save the file as UTF-8."
            );
    }

    public override int Read(char[] buffer, int index, int count) =>
        Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        if (_lowSurrogate is { } low)
        {
            buffer[0] = low;
            _lowSurrogate = null;
            return 1;
        }
        while (true)
        {
            var written = Decode(buffer, out var status);
            if (written > 0)
                return written;
            if (status == OperationStatus.DestinationTooSmall)
                return SplitPair(buffer);
            if (_ended && _start == _end)
                return 0;
            Fill();
        }
    }

    private int Decode(Span<char> buffer, out OperationStatus status)
    {
        var bytes = _bytes.AsSpan(_start, _end - _start);
        status = Utf8.ToUtf16(
            bytes,
            buffer,
            out var read,
            out var written,
            replaceInvalidSequences: false,
            isFinalBlock: _ended
        );
        var taken = bytes[..read];
        var zero = taken.IndexOf((byte)0);
        if (zero >= 0)
            throw Refusal(bytes, zero, "a zero byte");
        if (status == OperationStatus.InvalidData)
            throw Refusal(bytes, read, $"the byte 0x{bytes[read]:X2}, which is not UTF-8 there");
        _lines += taken.Count((byte)'\n');
        _start += read;
        return written;
    }

    // A character of two units when there is room for one.
    private int SplitPair(Span<char> buffer)
    {
        Span<char> pair = stackalloc char[2];
        Decode(pair, out _);
        buffer[0] = pair[0];
        _lowSurrogate = pair[1];
        return 1;
    }

    private void Fill()
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        _offset += _start;
        _end -= _start;
        _start = 0;
        var read = _source.Read(_bytes.AsSpan(_end));
        _ended = read < _bytes.Length - _end;
        _end += read;
    }

    private InvalidInputException Refusal(ReadOnlySpan<byte> bytes, int at, string got) =>
        new(
            $"{_source.Name}: expected text in UTF-8, got {got}, at byte {_offset + _start + at} (line {_lines + bytes[..at].Count((byte)'\n')}); save the file as UTF-8."
        );
}
