using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Writes rows that are in memory as a shard. Implemented by OrleansMl.Data.</summary>
public interface IDatasetShardWriter
{
    /// <summary>Writes the rows into one Parquet file and that into the artifact store; the file's work is done on a thread of its own.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="rows">The rows, one or more, with every column in the schema's order.</param>
    /// <param name="cancellationToken">Ends it; what was stored is referred to by nobody and falls to garbage collection.</param>
    /// <exception cref="IOException">The disk or the store is full or away.</exception>
    Task<WrittenShard> WriteAsync(
        IReadOnlyList<DatasetColumn> schema,
        DatasetBatch rows,
        CancellationToken cancellationToken
    );
}
