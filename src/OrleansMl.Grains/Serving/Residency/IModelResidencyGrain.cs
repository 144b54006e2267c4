namespace OrleansMl.Grains.Serving.Residency;

/// <summary>Which versions of a model an operator unloaded, by the model's name.</summary>
[Alias("oml.IModelResidencyGrain")]
internal interface IModelResidencyGrain : IGrainWithStringKey
{
    /// <summary>Whether silos may load it.</summary>
    [Alias("IsAllowed")]
    Task<bool> IsAllowedAsync(int version, CancellationToken cancellationToken);

    /// <summary>Lets silos load it, or not; durable when this returns.</summary>
    [Alias("Set")]
    Task SetAsync(int version, bool allowed, CancellationToken cancellationToken);
}
