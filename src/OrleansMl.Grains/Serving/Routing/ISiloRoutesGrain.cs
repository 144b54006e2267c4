using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Serving.Routing;

/// <summary>What one silo, whose name is the key, knows of models.</summary>
[Alias("oml.ISiloRoutesGrain")]
internal interface ISiloRoutesGrain : IGrainWithStringKey
{
    /// <summary>Tells the silo that a model's aliases, policy or traffic changed; it asks for them by itself, after this returns.</summary>
    [Alias("Changed")]
    Task ChangedAsync(string model, CancellationToken cancellationToken);

    /// <summary>Tells the silo that a version was unloaded by an operator: it gives none of its kept answers again.</summary>
    [Alias("Unloaded")]
    Task UnloadedAsync(ModelVersionId version, CancellationToken cancellationToken);
}
