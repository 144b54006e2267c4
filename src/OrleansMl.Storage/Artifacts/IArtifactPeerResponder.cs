namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Answers other silos that ask for artifacts of this silo's own disk. The silo maps <c>GET</c> and <c>HEAD
/// /internal/artifacts/{id}</c> to it and writes what it says.
/// </summary>
public interface IArtifactPeerResponder
{
    /// <summary>Decides on a request.</summary>
    /// <param name="id">The id in the path.</param>
    /// <param name="authorization">The header <c>Authorization</c>, or null.</param>
    /// <param name="range">The header <c>Range</c>, or null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The answer; the caller disposes it after it wrote the body (not for HEAD).</returns>
    Task<ArtifactPeerAnswer> AnswerAsync(
        string id,
        string? authorization,
        string? range,
        CancellationToken cancellationToken
    );
}
