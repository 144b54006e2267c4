using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Models;

/// <summary>A registration under way.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.PendingVersion")]
internal sealed record PendingVersion
{
    [Id(0)]
    public required string CommandId { get; init; }

    [Id(1)]
    public required ModelVersionSnapshot Version { get; init; }
}
