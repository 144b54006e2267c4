using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Core.Artifacts;

/// <summary>What a store knows of an artifact.</summary>
/// <param name="Id">Its SHA-256.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="StoredAt">When this store got it; garbage collection spares young artifacts.</param>
public sealed record ArtifactInfo(ArtifactId Id, long Bytes, DateTimeOffset StoredAt);
