namespace OrleansMl.Storage.Artifacts;

/// <summary>Where the other silos answer for their artifacts. A silo registers it; without it a local store asks nobody.</summary>
public interface IArtifactPeers
{
    /// <summary>Base addresses of the other silos that are alive, best first, without this one: <c>http://10.0.0.2:8080/</c>.</summary>
    Task<IReadOnlyList<Uri>> GetAsync(CancellationToken cancellationToken);
}
