using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Reads shards back. Implemented by OrleansMl.Data.</summary>
public interface IDatasetReader
{
    /// <summary>Streams a shard file's rows in order, a batch at a time, columns in the asked order.</summary>
    IEnumerable<DatasetBatch> ReadShard(
        string path,
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<string> columns
    );
}
