using OrleansMl.Contracts.Trust;

namespace OrleansMl.Grains.Trust;

/// <summary>What the key ring keeps.</summary>
[GenerateSerializer]
[Alias("oml.ApiKeyRingState")]
internal sealed record ApiKeyRingState
{
    [Id(0)]
    public long Revision { get; init; }

    [Id(1)]
    public IReadOnlyList<ApiKeyCredential> Keys { get; init; } = [];

    /// <summary>The last commands with the ids of their keys, oldest first.</summary>
    [Id(2)]
    public IReadOnlyList<ApiKeyCommand> Commands { get; init; } = [];
}
