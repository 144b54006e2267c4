using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Models;

/// <summary>A model by its name: its versions' numbers and its aliases.</summary>
[Alias("oml.IModelGrain")]
[ClientAccess(Permission.None)]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Registers the next version and applies its promotion rules; durable when this returns.</summary>
    [Alias("RegisterVersion")]
    Task<ModelVersionSnapshot> RegisterVersionAsync(
        ModelRegistration registration,
        CancellationToken cancellationToken
    );

    /// <summary>The model, or null when there is none of this name.</summary>
    [ClientAccess(Permission.Read | Permission.Predict, ClientScope.Key)]
    [Alias("Get")]
    Task<ModelSnapshot?> GetAsync(CancellationToken cancellationToken);

    /// <summary>A version by number, or null.</summary>
    [ClientAccess(Permission.Read | Permission.Predict, ClientScope.Key)]
    [Alias("GetVersion")]
    Task<ModelVersionSnapshot?> GetVersionAsync(int version, CancellationToken cancellationToken);

    /// <summary>The number behind <c>latest</c>, an alias or a number as text; null when there is none. An empty text is <c>champion</c> if that alias exists, else the newest.</summary>
    [ClientAccess(Permission.Read | Permission.Predict, ClientScope.Key)]
    [Alias("Resolve")]
    Task<int?> ResolveAsync(string reference, CancellationToken cancellationToken);

    /// <summary>Points an alias at a version, or removes it, atomically and with history.</summary>
    /// <exception cref="NotFoundException">No such version.</exception>
    /// <exception cref="ConflictException">The alias does not point where the caller expected.</exception>
    [ClientAccess(Permission.Operate, ClientScope.Key, Action = "model.alias.move")]
    [Alias("MoveAlias")]
    Task<ModelSnapshot> MoveAliasAsync(AliasMove move, CancellationToken cancellationToken);
}
