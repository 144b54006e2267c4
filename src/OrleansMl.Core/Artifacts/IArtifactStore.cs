using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Core.Artifacts;

/// <summary>
/// Immutable bytes by their SHA-256. What <see cref="PutAsync"/> answered is durable; what a reader gets to the end was
/// verified against its name. One contract suite runs against every implementation.
/// </summary>
public interface IArtifactStore
{
    /// <summary>Stores a stream without holding it in memory. Bytes that are there already are kept, and made young again for garbage collection.</summary>
    /// <exception cref="IOException">The store is full or away; nothing half-written can be read.</exception>
    Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken);

    /// <summary>What is known of an artifact, or null when this store lacks it.</summary>
    Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken);

    /// <summary>Opens the bytes, or a part of them, for reading once forwards. A whole read is verified: at its end, a mismatch throws <see cref="ArtifactCorruptException"/>.</summary>
    /// <exception cref="ArtifactNotFoundException">This store lacks it.</exception>
    Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    );

    /// <summary>Everything in the store.</summary>
    IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>Deletes an artifact; false when it was not there.</summary>
    Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken);
}
