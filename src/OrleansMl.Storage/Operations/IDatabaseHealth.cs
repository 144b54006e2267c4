namespace OrleansMl.Storage.Operations;

/// <summary>Asks the database whether it is there, for readiness.</summary>
public interface IDatabaseHealth
{
    /// <summary>Runs one trivial query, once, within a few seconds; never throws for a database that is away.</summary>
    Task<DatabaseStatus> CheckAsync(CancellationToken cancellationToken);
}
