using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Rows of CSV files with the same columns. Kinds are set by the caller or inferred from the first rows.</summary>
internal sealed class CsvSource : IRowSource
{
    private readonly IReadOnlyList<DatasetSourceFile> _files;
    private readonly byte?[] _splits;
    private readonly DataOptions _options;
    private readonly CsvColumn[] _columns;
    private readonly CsvMissing _missing;
    private long _bytesBefore;
    private CsvFile? _file;

    public CsvSource(
        DatasetImportRequest request,
        IReadOnlyDictionary<string, ColumnKind> kinds,
        DataOptions options
    )
    {
        _files = request.Files;
        _options = options;
        _missing = new CsvMissing(options.MissingOrDefault);
        _splits = [.. _files.Select(f => GivenSplit.OfFile(f.Name, request.Splits))];
        string[] header;
        using (var first = new CsvFile(_files[0], options))
        {
            header = [.. first.Header];
            CheckKinds(request, first);
        }
        var inferred = Infer(header);
        var pool = new TextPool();
        _columns =
        [
            .. header.Select(
                (name, i) =>
                    new CsvColumn(
                        new DatasetColumn
                        {
                            Name = name,
                            Kind = kinds.TryGetValue(name, out var kind) ? kind : inferred[i],
                        },
                        kinds.ContainsKey(name),
                        _missing,
                        pool,
                        options
                    )
            ),
        ];
        Schema = [.. _columns.Select(c => c.Column)];
        BytesTotal = _files.Sum(f => new FileInfo(f.Path).Length);
    }

    public IReadOnlyList<DatasetColumn> Schema { get; }

    public bool GivesTest => _splits.Contains(DatasetSplits.Test);

    public long BytesTotal { get; }

    public long BytesRead => _bytesBefore + (_file?.FilePosition ?? 0);

    public IEnumerable<SourceBatch> ReadBatches(CancellationToken cancellationToken)
    {
        var buffer = new TableBuffer(Schema, TableBuffer.CapacityFor(Schema, _options));
        string[] names = [.. Schema.Select(c => c.Name)];
        for (var f = 0; f < _files.Count; f++)
        {
            using var file = _file = new CsvFile(_files[f], _options);
            var ordinals = MapColumns(file, names);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = Fill(buffer, file, ordinals);
                if (rows == 0)
                    break;
                yield return new SourceBatch(rows, buffer.Columns, _splits[f]);
            }
            _bytesBefore += file.FileLength;
            _file = null;
        }
    }

    public void Dispose() => _file?.Dispose();

    private int Fill(TableBuffer buffer, CsvFile file, int[] ordinals)
    {
        var rows = 0;
        var textBytes = 0L;
        while (rows < buffer.Capacity && textBytes < _options.MaxBytesPerBatch && file.Read())
        {
            for (var c = 0; c < _columns.Length; c++)
                textBytes += _columns[c].Store(file[ordinals[c]], buffer.Columns[c], rows, file);
            rows++;
        }
        return rows;
    }

    private ColumnKind[] Infer(string[] header)
    {
        var columns = header.Select(_ => new CsvInference()).ToArray();
        var rows = 0;
        for (var f = 0; f < _files.Count && rows < _options.InferenceRows; f++)
        {
            using var file = new CsvFile(_files[f], _options);
            var ordinals = MapColumns(file, header);
            for (; rows < _options.InferenceRows && file.Read(); rows++)
            for (var c = 0; c < columns.Length; c++)
                if (!_missing.Contains(file[ordinals[c]]))
                    columns[c].Add(file[ordinals[c]]);
        }
        return [.. columns.Select(c => c.Kind)];
    }

    private int[] MapColumns(CsvFile file, IReadOnlyList<string> expected)
    {
        foreach (var name in file.Header)
            if (!expected.Contains(name))
                throw new InvalidInputException(
                    $"{file.Name}: has a column '{name}' that {_files[0].Name} lacks; expected the same columns in every file."
                );
        var header = file.Header.ToList();
        return
        [
            .. expected.Select(name =>
                header.IndexOf(name) is var ordinal and >= 0
                    ? ordinal
                    : throw new InvalidInputException(
                        $"{file.Name}: lacks the column '{name}' of {_files[0].Name}; expected the same columns in every file."
                    )
            ),
        ];
    }

    private static void CheckKinds(DatasetImportRequest request, CsvFile file)
    {
        foreach (var (name, kind) in request.ColumnKinds)
        {
            if (!file.Header.Contains(name))
                throw new InvalidInputException(
                    $"{file.Name}: has no column '{name}' whose kind could be set; it has {string.Join(", ", file.Header.Select(n => $"'{n}'"))}."
                );
            if (kind is ColumnKind.Image or ColumnKind.Vector)
                throw new InvalidInputException(
                    $"Column '{name}': expected the kind Number, Integer, Boolean or Text for a CSV file, got {kind}; import images from IDX and vectors from Parquet."
                );
        }
    }
}
