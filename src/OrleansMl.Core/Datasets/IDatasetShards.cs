using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Reads parts of shards, and makes shards of rows that were computed. Implemented by OrleansMl.Data.</summary>
public interface IDatasetShards
{
    /// <summary>Some rows of a shard file in order, a batch at a time, columns in the asked order. Blocks: call it off the thread pool.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="skip">Rows to pass over.</param>
    /// <param name="take">Rows to read.</param>
    IEnumerable<DatasetBatch> ReadRows(
        string path,
        IReadOnlyList<DatasetColumn> columns,
        long skip,
        long take
    );

    /// <summary>Writes rows into one Parquet file and that into the artifact store, on a thread of its own.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="batches">The rows, one or more, with every column in the schema's order.</param>
    /// <param name="cancellationToken">Ends it; what was stored is referred to by nobody and falls to garbage collection.</param>
    /// <exception cref="IOException">The disk or the store is full or away.</exception>
    Task<DatasetShard> StoreAsync(
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<DatasetBatch> batches,
        CancellationToken cancellationToken
    );
}
