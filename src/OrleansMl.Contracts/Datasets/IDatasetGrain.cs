using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Datasets;

/// <summary>A dataset by its name: its versions, and who needs them.</summary>
[Alias("oml.IDatasetGrain")]
[ClientAccess(Permission.None)]
public interface IDatasetGrain : IGrainWithStringKey
{
    /// <summary>Makes the next version; answers with its manifest once that is durable.</summary>
    [Alias("Commit")]
    Task<DatasetManifest> CommitAsync(DatasetCommit commit, CancellationToken cancellationToken);

    /// <summary>The dataset, or null when there is none of this name.</summary>
    [ClientAccess(Permission.Read, ClientScope.None)]
    [Alias("Get")]
    Task<DatasetSnapshot?> GetAsync(CancellationToken cancellationToken);

    /// <summary>A version's manifest (null: the newest), or null when there is none.</summary>
    [ClientAccess(Permission.Read, ClientScope.None)]
    [Alias("GetVersion")]
    Task<DatasetManifest?> GetVersionAsync(int? version, CancellationToken cancellationToken);

    /// <summary>Notes that a run or model version needs a version, which then can't be deleted.</summary>
    [Alias("Hold")]
    Task HoldAsync(DatasetHold hold, CancellationToken cancellationToken);

    /// <summary>Takes a hold back; nothing happens when there is none.</summary>
    [Alias("Release")]
    Task ReleaseAsync(string holder, CancellationToken cancellationToken);

    /// <summary>Deletes a version (null: all of them).</summary>
    /// <exception cref="ConflictException">Something needs it; the message names the holders.</exception>
    [ClientAccess(
        Permission.Operate,
        ClientScope.None,
        Action = "dataset.delete",
        Kind = "dataset"
    )]
    [Alias("Delete")]
    Task DeleteAsync(int? version, CancellationToken cancellationToken);
}
