using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Core.Artifacts;

/// <summary>Artifacts as files on this machine, for engines that read paths: worker processes and ONNX Runtime.</summary>
public interface ILocalArtifacts
{
    /// <summary>The path of a verified, read-only file with the artifact's bytes, fetched if need be. The file stays until the lease is disposed.</summary>
    /// <exception cref="ArtifactNotFoundException">No store has it.</exception>
    Task<IArtifactLease> AcquireAsync(ArtifactId id, CancellationToken cancellationToken);
}
