using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>Where an attempt's work goes.</summary>
public interface IJobReport
{
    /// <summary>A chunk is stored; recorded when this returns.</summary>
    /// <exception cref="OperationCanceledException">The job was cancelled, or a newer attempt holds it.</exception>
    Task ChunkAsync(JobChunk chunk, CancellationToken cancellationToken);

    /// <summary>Commits the scored rows; the same commit again gives the same version.</summary>
    Task<DatasetVersionId> CommitAsync(
        string dataset,
        DatasetCommit commit,
        CancellationToken cancellationToken
    );
}
