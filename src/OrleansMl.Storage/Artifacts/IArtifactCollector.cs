namespace OrleansMl.Storage.Artifacts;

/// <summary>Deletes artifacts that nothing refers to.</summary>
public interface IArtifactCollector
{
    /// <summary>Goes once through this silo's store.</summary>
    /// <param name="dryRun">Whether to only say what would go.</param>
    /// <param name="cancellationToken">Ends the work between two batches.</param>
    Task<ArtifactCollection> CollectAsync(bool dryRun, CancellationToken cancellationToken);
}
