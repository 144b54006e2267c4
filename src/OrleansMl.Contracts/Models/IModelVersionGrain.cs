using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Models;

/// <summary>A model version's record, by its id (<c>churn@7</c>). Written once by its model's grain.</summary>
[Alias("oml.IModelVersionGrain")]
[ClientAccess(Permission.None)]
public interface IModelVersionGrain : IGrainWithStringKey
{
    /// <summary>Writes the record; the same again does nothing.</summary>
    [Alias("Create")]
    Task CreateAsync(ModelVersionSnapshot version, CancellationToken cancellationToken);

    /// <summary>The record, or null.</summary>
    [ClientAccess(Permission.Read | Permission.Predict, ClientScope.Key)]
    [Alias("Get")]
    Task<ModelVersionSnapshot?> GetAsync(CancellationToken cancellationToken);
}
