using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Core.Artifacts;

/// <summary>Who refers to which artifacts: what garbage collection spares. An owner is written before the state that names its artifacts.</summary>
public interface IArtifactReferences
{
    /// <summary>Adds references of an owner (<c>dataset/fashion@1</c>, <c>run/…</c>, <c>model/churn@7</c>); repeating is harmless.</summary>
    Task AddAsync(
        string owner,
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    );

    /// <summary>Removes some of an owner's references.</summary>
    Task RemoveAsync(
        string owner,
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    );

    /// <summary>Removes an owner and all its references.</summary>
    Task ReleaseAsync(string owner, CancellationToken cancellationToken);

    /// <summary>Of these artifacts, those that nobody refers to.</summary>
    Task<IReadOnlySet<ArtifactId>> FindUnreferencedAsync(
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    );
}
