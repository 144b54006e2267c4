using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using ParquetSharp;

namespace OrleansMl.Data.Datasets;

/// <summary>Rows of Parquet files with the same flat columns.</summary>
internal sealed class ParquetSource : IRowSource
{
    private readonly IReadOnlyList<DatasetSourceFile> _files;
    private readonly IReadOnlyDictionary<string, ColumnKind> _kinds;
    private readonly byte?[] _splits;
    private readonly long[] _lengths;
    private readonly DataOptions _options;

    public ParquetSource(
        DatasetImportRequest request,
        IReadOnlyDictionary<string, ColumnKind> kinds,
        DataOptions options
    )
    {
        _files = request.Files;
        _kinds = kinds;
        _options = options;
        _splits = [.. _files.Select(f => GivenSplit.OfFile(f.Name, request.Splits))];
        using (var first = Open(_files[0]))
            Schema = [.. ColumnsOf(first, _files[0].Name).Select(c => c.Column)];
        foreach (var name in request.ColumnKinds.Keys)
            if (Schema.All(c => c.Name != name))
                throw new InvalidInputException(
                    $"{_files[0].Name}: has no column '{name}' whose kind could be set; it has {string.Join(", ", Schema.Select(c => $"'{c.Name}'"))}."
                );
        _lengths = [.. _files.Select(f => new FileInfo(f.Path).Length)];
    }

    public IReadOnlyList<DatasetColumn> Schema { get; }

    public bool GivesTest => _splits.Contains(DatasetSplits.Test);

    public long BytesTotal => _lengths.Sum();

    public long BytesRead { get; private set; }

    public IEnumerable<SourceBatch> ReadBatches(CancellationToken cancellationToken)
    {
        var buffer = new TableBuffer(Schema, TableBuffer.CapacityFor(Schema, _options));
        for (var f = 0; f < _files.Count; f++)
        {
            var bytesBefore = _lengths.Take(f).Sum();
            using var file = Open(_files[f]);
            var columns = Match(ColumnsOf(file, _files[f].Name), _files[f].Name);
            using var reader = new ParquetBatchReader(
                file,
                _files[f].Name,
                columns,
                buffer,
                _options
            );
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = reader.Read();
                if (rows == 0)
                    break;
                // Columns lie apart in the file: the share of the rows stands for the share of the bytes.
                BytesRead =
                    bytesBefore + (long)(_lengths[f] * ((double)reader.RowsRead / reader.Rows));
                yield return new SourceBatch(rows, buffer.Columns, _splits[f]);
            }
        }
    }

    public void Dispose() { }

    private static ParquetFileReader Open(DatasetSourceFile file)
    {
        if (!File.Exists(file.Path))
            throw new InvalidInputException($"{file.Name}: expected a readable file, got none.");
        try
        {
            // Read in pieces: a row group may be as large as the file.
            using var properties = ReaderProperties.GetDefaultReaderProperties();
            properties.EnableBufferedStream();
            return new ParquetFileReader(file.Path, properties);
        }
        catch (ParquetException e)
        {
            throw ParquetBatchReader.Unreadable(file.Name, e);
        }
    }

    private List<ParquetColumn> ColumnsOf(ParquetFileReader file, string name)
    {
        try
        {
            return ReadColumns(file, name);
        }
        catch (Exception e) when (ParquetBatchReader.IsFromFile(e))
        {
            throw ParquetBatchReader.Unreadable(name, e);
        }
    }

    private List<ParquetColumn> ReadColumns(ParquetFileReader file, string name)
    {
        var count = file.FileMetaData.Schema.NumColumns;
        if (count > _options.MaxColumns)
            throw new InvalidInputException(
                $"{name}: expected at most {_options.MaxColumns} columns (Data:{nameof(DataOptions.MaxColumns)}), got {count}."
            );
        var columns = new List<ParquetColumn>();
        for (var i = 0; i < count; i++)
        {
            using var path = file.FileMetaData.Schema.Column(i).Path;
            var column = path.ToDotVector()[0];
            columns.Add(
                ParquetColumn.Of(
                    file,
                    name,
                    i,
                    _kinds.TryGetValue(column, out var kind) ? kind : null
                )
            );
            var bytes = ShardSchema.FixedLength(columns[^1].Column);
            if (bytes > _options.MaxBytesPerValue)
                throw new InvalidInputException(
                    $"{name}: column '{column}' expected vectors of at most {_options.MaxBytesPerValue} bytes (Data:{nameof(DataOptions.MaxBytesPerValue)}), got {bytes}."
                );
        }
        foreach (var twice in columns.GroupBy(c => c.Column.Name).Where(g => g.Count() > 1))
            throw new InvalidInputException(
                $"{name}: expected different names of columns, got '{twice.Key}' {twice.Count()} times."
            );
        return columns;
    }

    private ParquetColumn[] Match(List<ParquetColumn> columns, string name)
    {
        if (columns.Find(c => Schema.All(s => s.Name != c.Column.Name)) is { } extra)
            throw new InvalidInputException(
                $"{name}: has a column '{extra.Column.Name}' that {_files[0].Name} lacks; expected the same columns in every file."
            );
        return
        [
            .. Schema.Select(s =>
            {
                var column =
                    columns.Find(c => c.Column.Name == s.Name)
                    ?? throw new InvalidInputException(
                        $"{name}: lacks the column '{s.Name}' of {_files[0].Name}; expected the same columns in every file."
                    );
                return column.Column.Kind == s.Kind && column.Column.Shape.SequenceEqual(s.Shape)
                    ? column
                    : throw new InvalidInputException(
                        $"{name}: column '{s.Name}' expected {DatasetSchemas.Describe(s)} as in {_files[0].Name}, got {DatasetSchemas.Describe(column.Column)}."
                    );
            }),
        ];
    }
}
