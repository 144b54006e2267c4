using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>Deletes an artifact only while it is old, in one step: bytes that were just put again must not go.</summary>
internal interface IArtifactExpiry
{
    /// <summary>Deletes an artifact that was stored before a moment and that nobody holds; false when it stays or was not there.</summary>
    Task<bool> DeleteOlderAsync(
        ArtifactId id,
        DateTimeOffset storedBefore,
        CancellationToken cancellationToken
    );
}
