using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public sealed class PostgreSqlCatalogTests(PostgresServer postgres)
    : CatalogContract(DatabaseProvider.PostgreSql, postgres)
{
    protected override async Task<string> ExplainCountAsync()
    {
        var lines = await Db.Get<Database>()
            .ExecuteAsync(
                "explain",
                async (connection, token) =>
                {
                    await connection.RunAsync("VACUUM ANALYZE oml_catalogue", token);
                    // A table this small is cheaper to read whole; the question is whether the index suffices.
                    await connection.RunAsync("SET enable_seqscan = off", token);
                    await connection.RunAsync("SET enable_bitmapscan = off", token);
                    return await connection.QueryAsync(
                        "EXPLAIN SELECT status, count(*) FROM oml_catalogue WHERE kind = 'training-run' GROUP BY status",
                        row => row.GetString(0),
                        token
                    );
                },
                Token
            );
        return string.Join('\n', lines.Where(line => line.Contains("Index Only Scan")));
    }
}
