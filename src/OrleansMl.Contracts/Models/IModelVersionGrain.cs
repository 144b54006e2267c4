namespace OrleansMl.Contracts.Models;

/// <summary>A model version's record, by its id (<c>churn@7</c>). Written once by its model's grain.</summary>
[Alias("oml.IModelVersionGrain")]
public interface IModelVersionGrain : IGrainWithStringKey
{
    /// <summary>Writes the record; the same again does nothing.</summary>
    [Alias("Create")]
    Task CreateAsync(ModelVersionSnapshot version, CancellationToken cancellationToken);

    /// <summary>The record, or null.</summary>
    [Alias("Get")]
    Task<ModelVersionSnapshot?> GetAsync(CancellationToken cancellationToken);
}
