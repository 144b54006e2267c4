using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using OrleansMl.Data.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

/// <summary>Imports files of a test and reads what became of them.</summary>
internal sealed class Import : IDisposable
{
    public FileArtifacts Artifacts { get; } = new();

    public DataOptions Options { get; } = new();

    public DatasetSourceFile File(string name, byte[] content)
    {
        var path = Artifacts.PathOf(name);
        System.IO.File.WriteAllBytes(path, content);
        return new DatasetSourceFile(name, path);
    }

    public DatasetSourceFile File(string name, string content) =>
        File(name, Encoding.UTF8.GetBytes(content));

    public Task<DatasetImportResult> RunAsync(
        DatasetImportRequest request,
        IProgress<DatasetImportProgress>? progress = null
    ) =>
        new DatasetImporter(
            Artifacts,
            Microsoft.Extensions.Options.Options.Create(Options)
        ).ImportAsync(request, progress, TestContext.Current.CancellationToken);

    public Task<DatasetImportResult> RunAsync(params DatasetSourceFile[] files) =>
        RunAsync(new DatasetImportRequest { Name = "d", Files = files });

    public async Task<string> RefusalAsync(DatasetImportRequest request)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => RunAsync(request));
        return error.Message;
    }

    public Task<string> RefusalAsync(params DatasetSourceFile[] files) =>
        RefusalAsync(new DatasetImportRequest { Name = "d", Files = files });

    public IEnumerable<DatasetBatch> Read(DatasetImportResult result, params string[] columns) =>
        result.Shards.SelectMany(s =>
            new ShardReader().ReadShard(
                Artifacts.PathOf(s.Artifact),
                result.Schema,
                columns.Length == 0 ? [.. result.Schema.Select(c => c.Name)] : columns
            )
        );

    /// <summary>Every row as an array of its values, null where missing, with its split last.</summary>
    public List<object?[]> Rows(DatasetImportResult result) =>
        [
            .. Read(result)
                .SelectMany(b =>
                    Enumerable
                        .Range(0, b.Rows)
                        .Select(row =>
                            b.Columns.Select((c, i) => Value(c, result.Schema[i], row))
                                .Append(b.Splits[row])
                                .ToArray()
                        )
                ),
        ];

    public static DatasetManifest Commit(
        DatasetImportResult result,
        DatasetManifest? parent = null
    ) =>
        new()
        {
            Id = new DatasetVersionId("d", (parent?.Id.Version ?? 0) + 1),
            Parent = parent?.Id.Version,
            Schema = result.Schema,
            Shards = [.. parent?.Shards ?? [], .. result.Shards],
            Splits = result.Splits,
            Statistics = result.Statistics,
            Rows = result.Statistics.Sum(s => s.Rows),
            Bytes = result.Shards.Sum(s => s.Bytes),
        };

    public static byte[] Gzip(byte[] content)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(content);
        return buffer.ToArray();
    }

    public void Dispose() => Artifacts.Dispose();

    private static object? Value(ColumnBatch values, DatasetColumn column, int row)
    {
        var width = ShardSchema.Width(column);
        if (values.Missing is { } missing && missing[row])
            return null;
        return column.Kind switch
        {
            ColumnKind.Number => double.IsNaN(values.Numbers![row]) ? null : values.Numbers[row],
            ColumnKind.Integer => values.Integers![row],
            ColumnKind.Boolean => values.Booleans![row],
            ColumnKind.Text => values.Texts![row],
            ColumnKind.Image => values.Pixels.AsSpan(row * width, width).ToArray(),
            _ => values.Vectors.AsSpan(row * width, width).ToArray(),
        };
    }
}
