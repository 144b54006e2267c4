using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>A store that has to know an artifact's name and size before its bytes: what is on the disk already needs no second copy.</summary>
internal interface IStagedArtifactStore
{
    /// <summary>Stores staged bytes; they stay staged.</summary>
    Task<ArtifactInfo> PutStagedAsync(StagedArtifact staged, CancellationToken cancellationToken);
}
