using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Grains.Datasets;

/// <summary>A dataset version's manifest, by its id (<c>fashion@1</c>), so that the dataset's own state stays small. Only its dataset's grain calls it.</summary>
[Alias("oml.IDatasetVersionGrain")]
internal interface IDatasetVersionGrain : IGrainWithStringKey
{
    /// <summary>Writes the manifest; the same again does nothing.</summary>
    [Alias("Create")]
    Task CreateAsync(DatasetManifest manifest, CancellationToken cancellationToken);

    /// <summary>The manifest, or null.</summary>
    [Alias("Get")]
    Task<DatasetManifest?> GetAsync(CancellationToken cancellationToken);

    /// <summary>Removes the manifest.</summary>
    [Alias("Delete")]
    Task DeleteAsync(CancellationToken cancellationToken);
}
