namespace OrleansMl.Contracts.Trust;

/// <summary>A key with the digests of its secrets, which only silos see.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ApiKeyCredential")]
public sealed record ApiKeyCredential
{
    /// <summary>The key.</summary>
    [Id(0)]
    public required ApiKeySnapshot Key { get; init; }

    /// <summary>SHA-256 of the whole key text, 64 lower-case hexadecimal digits.</summary>
    [Id(1)]
    public required string Digest { get; init; }

    /// <summary>The digest of the secret before, taken until <see cref="ApiKeySnapshot.PreviousUntil"/>.</summary>
    [Id(2)]
    public string? PreviousDigest { get; init; }
}
