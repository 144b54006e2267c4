using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;
using Sylvan.Data.Csv;

namespace OrleansMl.Data.Datasets;

/// <summary>One CSV file: its header, then its records, each with as many fields as the header. Blank lines are passed over. Not thread-safe.</summary>
internal sealed class CsvFile : IDisposable
{
    private const int FirstBuffer = 1 << 16;

    private readonly SourceStream _stream;
    private readonly Utf8TextReader _text;
    private readonly CsvDataReader _reader;
    private readonly DataOptions _options;
    private long _nextLine = 1;

    public CsvFile(DatasetSourceFile source, DataOptions options)
    {
        _options = options;
        var delimiter = DetectDelimiter(source);
        _stream = new SourceStream(source);
        try
        {
            _text = new Utf8TextReader(_stream);
            _reader = Open(delimiter);
            Header = ReadHeader();
        }
        catch
        {
            _reader?.Dispose();
            _text?.Dispose();
            _stream.Dispose();
            throw;
        }
    }

    public string Name => _stream.Name;

    /// <summary>The columns' names, trimmed, none empty, none twice.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>The line, from 1, on which the current record starts.</summary>
    public long Line { get; private set; }

    public long FileLength => _stream.FileLength;

    public long FilePosition => _stream.FilePosition;

    /// <summary>A field of the current record, unquoted; good until the next read.</summary>
    public ReadOnlySpan<char> this[int ordinal] => _reader.GetFieldSpan(ordinal);

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool Read()
    {
        while (ReadRecord())
        {
            var record = _reader.GetRawRecordSpan();
            if (record.Trim("\r\n").IsEmpty)
                continue;
            var fields = _reader.RowFieldCount;
            if (fields != Header.Count)
                throw new InvalidInputException(
                    $"{Name}, line {Line}: expected {Header.Count} fields as in the header, got {fields}."
                );
            return true;
        }
        return false;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _text.Dispose();
        _stream.Dispose();
    }

    private bool ReadRecord()
    {
        Line = _nextLine;
        try
        {
            if (!_reader.Read())
                return false;
        }
        catch (CsvRecordTooLargeException e)
        {
            throw TooLong(e);
        }
        catch (CsvFormatException e)
        {
            throw Malformed(e);
        }
        var record = _reader.GetRawRecordSpan();
        var ends = record.Count('\n');
        // A file of the old Macintosh ends its lines with a carriage return alone.
        _nextLine += ends > 0 ? ends : record.Count('\r');
        return true;
    }

    private CsvDataReader Open(char delimiter)
    {
        try
        {
            return CsvDataReader.Create(
                _text,
                new CsvDataReaderOptions
                {
                    HasHeaders = false,
                    Delimiter = delimiter,
                    CsvStyle = CsvStyle.Standard,
                    ResultSetMode = ResultSetMode.SingleResult,
                    BufferSize = Math.Min(FirstBuffer, _options.MaxRecordLength),
                    MaxBufferSize = _options.MaxRecordLength,
                }
            );
        }
        catch (CsvRecordTooLargeException e)
        {
            throw TooLong(e);
        }
        catch (CsvFormatException e)
        {
            throw Malformed(e);
        }
    }

    private string[] ReadHeader()
    {
        while (ReadRecord())
        {
            if (_reader.GetRawRecordSpan().Trim("\r\n").IsEmpty)
                continue;
            var names = new string[_reader.RowFieldCount];
            for (var i = 0; i < names.Length; i++)
                names[i] = _reader.GetFieldSpan(i).Trim().ToString();
            for (var i = 0; i < names.Length; i++)
                CheckName(names, i);
            return names;
        }
        throw new InvalidInputException(
            $"{Name}: expected a first line with the columns' names, got an empty file."
        );
    }

    private void CheckName(string[] names, int column)
    {
        if (names[column].Length == 0)
            throw new InvalidInputException(
                $"{Name}, line {Line}: expected a name for column {column + 1} in the header, got none."
            );
        var first = Array.IndexOf(names, names[column]);
        if (first < column)
            throw new InvalidInputException(
                $"{Name}, line {Line}: expected different names in the header, got '{names[column]}' for the columns {first + 1} and {column + 1}."
            );
    }

    private static char DetectDelimiter(DatasetSourceFile source)
    {
        using var stream = new SourceStream(source);
        using var text = new Utf8TextReader(stream);
        var sample = new char[FirstBuffer];
        var length = text.ReadBlock(sample, 0, sample.Length);
        return CsvDelimiter.Detect(sample.AsSpan(0, length), ended: length < sample.Length);
    }

    private InvalidInputException TooLong(Exception e) =>
        new(
            $"{Name}, line {Line}: expected a record of at most {_options.MaxRecordLength} characters (Data:{nameof(DataOptions.MaxRecordLength)}), got a longer one; is a quote not closed?",
            e
        );

    private InvalidInputException Malformed(Exception e) =>
        new(
            $"{Name}, line {Line}: expected a delimiter or the line's end after a closing quote, got something else or the file's end ({e.Message})",
            e
        );
}
