using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Models;

/// <summary>What a model version's grain keeps.</summary>
[GenerateSerializer]
[Alias("oml.ModelVersionState")]
internal sealed record ModelVersionState
{
    [Id(0)]
    public ModelVersionSnapshot? Version { get; init; }
}
