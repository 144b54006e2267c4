namespace OrleansMl.Storage.Operations;

/// <summary>Brings the database's schema to what this build needs.</summary>
public interface IDatabaseMigrator
{
    /// <summary>
    /// Applies what is missing, under the database's own lock: any number of silos may call it at once, and again at every
    /// start. Waits for a database that is still starting.
    /// </summary>
    /// <returns>How many migrations this call applied.</returns>
    /// <exception cref="Contracts.ConflictException">The database was made by a newer build, or an applied migration differs from this build's.</exception>
    /// <exception cref="Contracts.UnavailableException">The database did not answer in time.</exception>
    Task<int> MigrateAsync(CancellationToken cancellationToken);
}
