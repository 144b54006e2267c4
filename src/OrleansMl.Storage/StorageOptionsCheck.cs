using Microsoft.Data.Sqlite;
using Npgsql;
using OrleansMl.Storage.Artifacts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage;

/// <summary>The rules of <see cref="StorageOptions"/>.</summary>
internal static class StorageOptionsCheck
{
    private const int MinSecretLength = 16;
    private const int MinPartMebibytes = 5;

    public static IEnumerable<string> Errors(StorageOptions options) =>
        [.. OfDatabase(options.Database), .. OfArtifacts(options)];

    private static IEnumerable<string> OfDatabase(DatabaseOptions database)
    {
        const string Key = "Storage:Database:ConnectionString";
        if (!Enum.IsDefined(database.Provider))
            yield return $"Storage:Database:Provider is {database.Provider}: expected Sqlite or PostgreSql.";
        else if (string.IsNullOrWhiteSpace(database.ConnectionString))
            yield return $"{Key} is empty: expected "
                + (
                    database.Provider == DatabaseProvider.Sqlite
                        ? "'Data Source=FILE'."
                        : "'Host=…;Port=5432;Database=…;Username=…'."
                );
        else if (ConnectionStringError(database) is { } error)
            yield return $"{Key} is wrong: {error}";
        if (database.RetrySeconds is < 0 or > 3600)
            yield return $"Storage:Database:RetrySeconds is {database.RetrySeconds}: expected 0 to 3600.";
        if (database.OrleansRetrySeconds is < 0 or > 30)
            yield return $"Storage:Database:OrleansRetrySeconds is {database.OrleansRetrySeconds}: expected 0 to 30.";
        if (database.IdleTransactionSeconds is < 1 or > 3600)
            yield return $"Storage:Database:IdleTransactionSeconds is {database.IdleTransactionSeconds}: expected 1 to 3600.";
        if (database.HealthTimeoutSeconds is < 1 or > 60)
            yield return $"Storage:Database:HealthTimeoutSeconds is {database.HealthTimeoutSeconds}: expected 1 to 60.";
    }

    private static string? ConnectionStringError(DatabaseOptions database)
    {
        try
        {
            if (database.Provider == DatabaseProvider.PostgreSql)
            {
                var postgres = new NpgsqlConnectionStringBuilder(database.ConnectionString);
                return string.IsNullOrEmpty(postgres.Host) ? "it has no Host." : null;
            }
            var sqlite = new SqliteConnectionStringBuilder(database.ConnectionString);
            return sqlite.DataSource is "" or ":memory:" || sqlite.Mode == SqliteOpenMode.Memory
                ? "state must be in a file, 'Data Source=FILE', or nothing would outlive the process."
                : null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> OfArtifacts(StorageOptions options)
    {
        const string Key = "Storage:Artifacts";
        var artifacts = options.Artifacts;
        if (!Enum.IsDefined(artifacts.Kind))
            yield return $"{Key}:Kind is {artifacts.Kind}: expected Local, PostgreSql or S3.";
        if (artifacts.Kind == ArtifactKind.Local && string.IsNullOrWhiteSpace(artifacts.Path))
            yield return $"{Key}:Path is empty: expected a folder.";
        if (artifacts.Kind != ArtifactKind.Local)
        {
            if (string.IsNullOrWhiteSpace(artifacts.CachePath))
                yield return $"{Key}:CachePath is empty: expected a folder.";
            if (artifacts.CacheBytes < 1 << 20)
                yield return $"{Key}:CacheBytes is {artifacts.CacheBytes}: expected at least 1048576.";
        }
        if (
            artifacts.Kind == ArtifactKind.PostgreSql
            && options.Database.Provider != DatabaseProvider.PostgreSql
        )
            yield return $"{Key}:Kind is PostgreSql but Storage:Database:Provider is {options.Database.Provider}: expected PostgreSql for both.";
        if (artifacts.Kind == ArtifactKind.S3)
        {
            if (string.IsNullOrWhiteSpace(artifacts.S3.Bucket))
                yield return $"{Key}:S3:Bucket is empty: expected a bucket that exists.";
            if (artifacts.S3.PartMebibytes is < MinPartMebibytes or > 1024)
                yield return $"{Key}:S3:PartMebibytes is {artifacts.S3.PartMebibytes}: expected {MinPartMebibytes} to 1024.";
            if (artifacts.S3.Endpoint is { IsAbsoluteUri: false })
                yield return $"{Key}:S3:Endpoint is '{artifacts.S3.Endpoint}': expected an absolute http or https address.";
        }
        if (artifacts.Peers.Secret.Length is > 0 and < MinSecretLength)
            yield return $"{Key}:Peers:Secret has {artifacts.Peers.Secret.Length} characters: expected at least {MinSecretLength}, or none.";
        if (artifacts.Peers.AnswerTimeoutSeconds is < 1 or > 600)
            yield return $"{Key}:Peers:AnswerTimeoutSeconds is {artifacts.Peers.AnswerTimeoutSeconds}: expected 1 to 600.";
        if (artifacts.Peers.IdleTimeoutSeconds is < 1 or > 600)
            yield return $"{Key}:Peers:IdleTimeoutSeconds is {artifacts.Peers.IdleTimeoutSeconds}: expected 1 to 600.";
        if (artifacts.Collector.IntervalMinutes is < 1 or > 10_080)
            yield return $"{Key}:Collector:IntervalMinutes is {artifacts.Collector.IntervalMinutes}: expected 1 to 10080.";
        if (artifacts.Collector.GraceHours is < 1 or > 8_760)
            yield return $"{Key}:Collector:GraceHours is {artifacts.Collector.GraceHours}: expected 1 to 8760.";
    }
}
