namespace OrleansMl.Grains.Serving.Residency;

/// <summary>What a model's residency grain keeps.</summary>
[GenerateSerializer]
[Alias("oml.ModelResidencyState")]
internal sealed record ModelResidencyState
{
    /// <summary>Versions that no silo may load.</summary>
    [Id(0)]
    public IReadOnlyList<int> Unloaded { get; init; } = [];
}
