using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Policies;

/// <summary>What a model's serving grain keeps.</summary>
[GenerateSerializer]
[Alias("oml.ModelServingState")]
internal sealed record ModelServingState
{
    [Id(0)]
    public long Revision { get; init; }

    [Id(1)]
    public ServingPolicy Policy { get; init; } = ServingPolicy.Default;

    [Id(2)]
    public DateTimeOffset? ChangedAt { get; init; }

    [Id(3)]
    public string ChangedBy { get; init; } = "";

    /// <summary>The answers to the last commands, oldest first.</summary>
    [Id(4)]
    public IReadOnlyList<ServingCommand> Commands { get; init; } = [];
}
