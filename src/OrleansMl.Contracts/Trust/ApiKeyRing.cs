namespace OrleansMl.Contracts.Trust;

/// <summary>All keys at one moment.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ApiKeyRing")]
public sealed record ApiKeyRing
{
    /// <summary>Grows with every change.</summary>
    [Id(0)]
    public required long Revision { get; init; }

    /// <summary>The keys, revoked and expired ones as well, oldest first.</summary>
    [Id(1)]
    public required IReadOnlyList<ApiKeyCredential> Keys { get; init; }
}
