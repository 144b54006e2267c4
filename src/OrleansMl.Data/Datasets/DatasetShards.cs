using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Writes by way of a temporary file, a row group a batch.</summary>
internal sealed class DatasetShards(IArtifactStore store, IOptions<DataOptions> options)
    : IDatasetShards
{
    public IEnumerable<DatasetBatch> ReadRows(
        string path,
        IReadOnlyList<DatasetColumn> columns,
        long skip,
        long take
    ) => ShardReader.Read(path, columns, skip, take);

    public async Task<DatasetShard> StoreAsync(
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<DatasetBatch> batches,
        CancellationToken cancellationToken
    )
    {
        using var directory = new ImportDirectory(
            options.Value.TemporaryDirectory ?? Path.GetTempPath()
        );
        var path = Path.Combine(directory.Path, "0.parquet");
        var rows = await Task.Factory.StartNew(
            () =>
            {
                using var writer = new ShardWriter(path, schema);
                foreach (var batch in batches)
                    writer.Write(batch);
                writer.Close();
                return writer.Rows;
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        await using var file = File.OpenRead(path);
        var stored = await store.PutAsync(file, cancellationToken);
        return new DatasetShard
        {
            Artifact = stored.Id,
            Rows = rows,
            Bytes = stored.Bytes,
            SinceVersion = 0,
        };
    }
}
