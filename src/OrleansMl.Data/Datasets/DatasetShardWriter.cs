using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Writes rows by way of a temporary file, in row groups as an import's.</summary>
internal sealed class DatasetShardWriter(IArtifactStore store, IOptions<DataOptions> options)
    : IDatasetShardWriter
{
    public async Task<WrittenShard> WriteAsync(
        IReadOnlyList<DatasetColumn> schema,
        DatasetBatch rows,
        CancellationToken cancellationToken
    )
    {
        var limits = options.Value;
        using var directory = new ImportDirectory(limits.TemporaryDirectory ?? Path.GetTempPath());
        var path = Path.Combine(directory.Path, "0.parquet");
        var statistics = new DatasetStatistics(schema, limits.StatisticsLimits);
        await Task.Factory.StartNew(
            () =>
            {
                statistics.Add(rows);
                using var writer = new ShardWriter(path, schema);
                writer.Write(rows);
                writer.Close();
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        await using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            1,
            FileOptions.Asynchronous | FileOptions.SequentialScan
        );
        var stored = await store.PutAsync(file, cancellationToken);
        return new WrittenShard(
            [.. schema.Select((c, i) => c with { Nullable = statistics.HasMissing(i) })],
            new DatasetShard
            {
                Artifact = stored.Id,
                Rows = rows.Rows,
                Bytes = stored.Bytes,
                SinceVersion = 0,
            },
            statistics.ToStatistics()
        );
    }
}
