using System.Threading.Channels;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>
/// The blocking part of one import, for a thread of its own: reads the source a batch at a time, splits and sums up its
/// rows and writes shard files. Closed files are handed over through <see cref="Shards"/>; with too many waiting, the
/// thread waits.
/// </summary>
internal sealed class ImportRun : IDisposable
{
    private readonly DatasetImportRequest _request;
    private readonly DataOptions _options;
    private readonly string _directory;
    private readonly IProgress<DatasetImportProgress>? _progress;
    private readonly Channel<(string Path, long Rows)> _shards = Channel.CreateUnbounded<(
        string,
        long
    )>();
    private readonly SemaphoreSlim _inFlight;
    private ShardWriter? _writer;
    private int _count;
    private long _rows;

    public ImportRun(
        DatasetImportRequest request,
        DataOptions options,
        string directory,
        IProgress<DatasetImportProgress>? progress
    )
    {
        _request = request;
        _options = options;
        _directory = directory;
        _progress = progress;
        _inFlight = new SemaphoreSlim(options.MaxShardsInFlight);
    }

    /// <summary>Closed shard files; whoever takes one calls <see cref="Taken"/> when it is stored.</summary>
    public ChannelReader<(string Path, long Rows)> Shards => _shards.Reader;

    /// <summary>A shard is stored and its file gone: the next may be handed over.</summary>
    public void Taken() => _inFlight.Release();

    /// <summary>Does it all; returns the columns and statistics of the whole version.</summary>
    public (IReadOnlyList<DatasetColumn> Schema, IReadOnlyList<SplitStatistics> Statistics) Execute(
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var source = RowSources.Open(_request, _options);
            return Import(source, cancellationToken);
        }
        finally
        {
            _shards.Writer.TryComplete();
        }
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _inFlight.Dispose();
    }

    private (IReadOnlyList<DatasetColumn>, IReadOnlyList<SplitStatistics>) Import(
        IRowSource source,
        CancellationToken cancellationToken
    )
    {
        var splits = _request.Splits;
        // The column that names the splits is about the rows, not of them.
        var kept = source
            .Schema.Where(c => splits.Kind != SplitKind.Given || c.Name != splits.Column)
            .ToArray();
        CheckColumns(kept);
        var parent = _request.AppendTo;
        var schema = parent is null ? kept : DatasetSchemas.Append(parent, kept);
        var ordinals = schema
            .Select(c => source.Schema.TakeWhile(s => s.Name != c.Name).Count())
            .ToArray();
        var splitter = new RowSplitter(_request, source.Schema, schema, source.GivesTest);
        var statistics = new DatasetStatistics(schema, _options.StatisticsLimits);

        foreach (var batch in source.ReadBatches(cancellationToken))
        {
            var columns = ordinals.Select(o => batch.Columns[o]).ToArray();
            var rows = new DatasetBatch(batch.Rows, splitter.Split(batch, columns), columns);
            statistics.Add(rows);
            Write(rows, schema, cancellationToken);
            _rows += batch.Rows;
            _progress?.Report(
                new DatasetImportProgress(_rows, source.BytesRead, source.BytesTotal)
            );
        }
        HandOver(cancellationToken);
        if (_rows == 0)
            throw new InvalidInputException(
                $"Dataset '{_request.Name}': expected at least one row, got none in {string.Join(", ", _request.Files.Select(f => f.Name))}."
            );
        return Result(schema, statistics, parent);
    }

    private (IReadOnlyList<DatasetColumn>, IReadOnlyList<SplitStatistics>) Result(
        IReadOnlyList<DatasetColumn> schema,
        DatasetStatistics statistics,
        DatasetManifest? parent
    )
    {
        var nullable = schema
            .Select(
                (c, i) =>
                    c with
                    {
                        Nullable =
                            statistics.HasMissing(i)
                            || parent?.Schema.Any(p => p.Name == c.Name && p.Nullable) == true,
                    }
            )
            .ToArray();
        var added = statistics.ToStatistics();
        return (
            nullable,
            parent is null
                ? added
                : DatasetStatistics.Combine(parent.Statistics, added, _options.StatisticsLimits)
        );
    }

    private void CheckColumns(DatasetColumn[] columns)
    {
        if (columns.Length == 0)
            throw new InvalidInputException(
                $"Dataset '{_request.Name}': expected at least one column of values, got none."
            );
        if (columns.Length > _options.MaxColumns)
            throw new InvalidInputException(
                $"Dataset '{_request.Name}': expected at most {_options.MaxColumns} columns (Data:{nameof(DataOptions.MaxColumns)}), got {columns.Length}."
            );
        if (columns.Any(c => c.Name == DatasetSplits.ColumnName))
            throw new InvalidInputException(
                $"Dataset '{_request.Name}': a column can't be named '{DatasetSplits.ColumnName}', which shards use themselves; rename it."
            );
    }

    private void Write(
        DatasetBatch rows,
        IReadOnlyList<DatasetColumn> schema,
        CancellationToken cancellationToken
    )
    {
        if (_writer is not null && _writer.Rows + rows.Rows > _options.MaxRowsPerShard)
            HandOver(cancellationToken);
        _writer ??= new ShardWriter(Path.Combine(_directory, $"{_count++}.parquet"), schema);
        _writer.Write(rows);
        if (_writer.ValueBytes >= _options.MaxBytesPerShard)
            HandOver(cancellationToken);
    }

    private void HandOver(CancellationToken cancellationToken)
    {
        if (_writer is null)
            return;
        _writer.Close();
        _inFlight.Wait(cancellationToken);
        _shards.Writer.TryWrite((_writer.Path, _writer.Rows));
        _writer.Dispose();
        _writer = null;
    }
}
