using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public sealed class SqliteCatalogTests(PostgresServer postgres)
    : CatalogContract(DatabaseProvider.Sqlite, postgres)
{
    protected override async Task<string> ExplainCountAsync()
    {
        var lines = await Db.Get<Database>()
            .ExecuteAsync(
                "explain",
                (connection, token) =>
                    connection.QueryAsync(
                        "EXPLAIN QUERY PLAN SELECT status, count(*) FROM oml_catalogue WHERE kind = 'training-run' GROUP BY status",
                        row => row.GetString(3),
                        token
                    ),
                Token
            );
        return string.Join('\n', lines.Where(line => line.Contains("COVERING INDEX")));
    }
}
