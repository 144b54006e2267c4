namespace OrleansMl.Storage.Operations;

/// <summary>The databases that OrleansMl can keep its state in.</summary>
public enum DatabaseProvider
{
    /// <summary>A SQLite file: one machine, nothing to install.</summary>
    Sqlite,

    /// <summary>PostgreSQL 13 or newer: clusters.</summary>
    PostgreSql,
}
