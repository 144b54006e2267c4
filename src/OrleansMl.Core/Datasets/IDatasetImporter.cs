using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Turns files into shards, a schema and statistics. Implemented by OrleansMl.Data.</summary>
public interface IDatasetImporter
{
    /// <summary>
    /// Reads the sources, streaming, puts the shards into the artifact store and returns what to commit. Blocks on CPU
    /// work: the implementation uses a thread of its own.
    /// </summary>
    /// <exception cref="Contracts.InvalidInputException">A source is malformed; the message names the file, the place, what was expected and what came.</exception>
    Task<DatasetImportResult> ImportAsync(
        DatasetImportRequest request,
        IProgress<DatasetImportProgress>? progress,
        CancellationToken cancellationToken
    );
}
