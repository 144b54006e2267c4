using OrleansMl.Contracts;

namespace OrleansMl.Core.Trust;

/// <summary>The secrets that the silos of one cluster share: they prove silos to each other and sign cluster tokens. They are made once, in the cluster's database.</summary>
public interface IClusterKeys
{
    /// <summary>Reads them, newest first; makes the first one where there is none. Two silos that start together get the same.</summary>
    /// <exception cref="UnavailableException">The database does not answer.</exception>
    Task<IReadOnlyList<ClusterKey>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds a key after the newest that the caller knows.</summary>
    /// <returns>Its id; null when another silo added one meanwhile: two rotations at once are one.</returns>
    /// <exception cref="UnavailableException">The database does not answer.</exception>
    Task<string?> AddAsync(string newest, CancellationToken cancellationToken);

    /// <summary>Removes a key; nothing happens when there is none.</summary>
    /// <exception cref="UnavailableException">The database does not answer.</exception>
    Task RemoveAsync(string id, CancellationToken cancellationToken);
}
