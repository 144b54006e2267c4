using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Shows some rows of a dataset version. Implemented by OrleansMl.Data.</summary>
public interface IDatasetPreview
{
    /// <summary>Reads rows in the order of the shards; past the end, fewer or none.</summary>
    /// <param name="manifest">The version.</param>
    /// <param name="offset">First row, 0 or more.</param>
    /// <param name="rows">How many, 1 to 100.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <exception cref="Contracts.InvalidInputException">Offset or rows are out of range.</exception>
    Task<DatasetPreview> ReadAsync(
        DatasetManifest manifest,
        long offset,
        int rows,
        CancellationToken cancellationToken
    );
}
