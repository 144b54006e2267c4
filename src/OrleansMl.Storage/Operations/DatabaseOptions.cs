namespace OrleansMl.Storage.Operations;

/// <summary>Where membership, grain state, reminders, the catalogue and metrics are kept.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Which database. Default: SQLite, because it needs nothing installed.</summary>
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>The driver's connection string, for example <c>Data Source=artifacts/oml/oml.db</c> or <c>Host=…;Database=…;Username=…</c>. A silo's default is the embedded database in its data folder; PostgreSQL's must be given.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Seconds that a repeatable call goes on trying while the database is away. Default 90: longer than a restart or a fail-over takes. Less gives errors sooner; more makes callers wait longer.</summary>
    public int RetrySeconds { get; set; } = 90;

    /// <summary>
    /// Seconds that Orleans' own providers wait for a connection while the database is away. Default 20: below the 30 s after
    /// which a grain call times out, so that the caller gets the true reason.
    /// </summary>
    public int OrleansRetrySeconds { get; set; } = 20;

    /// <summary>
    /// PostgreSQL: seconds after which the server ends a transaction whose client asks nothing more. Default 10. A silo that
    /// is stopped or cut off in the middle of one would else keep its row locks, and the attempt that takes its run over
    /// would wait for them as long as the silo is stopped. Less ends transactions of silos that are only slow; they repeat
    /// them.
    /// </summary>
    public int IdleTransactionSeconds { get; set; } = 10;

    /// <summary>Seconds after which the readiness check calls the database away. Default 3.</summary>
    public int HealthTimeoutSeconds { get; set; } = 3;
}
