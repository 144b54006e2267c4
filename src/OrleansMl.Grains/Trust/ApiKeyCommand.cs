namespace OrleansMl.Grains.Trust;

/// <summary>A command that was carried out.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ApiKeyCommand")]
internal sealed record ApiKeyCommand
{
    [Id(0)]
    public required string CommandId { get; init; }

    [Id(1)]
    public required string KeyId { get; init; }
}
