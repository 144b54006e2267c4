using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Policies;

/// <summary>A change that was carried out, with its answer.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ServingCommand")]
internal sealed record ServingCommand
{
    [Id(0)]
    public required string CommandId { get; init; }

    [Id(1)]
    public required ServingPolicySnapshot Answer { get; init; }
}
