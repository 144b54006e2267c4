using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public sealed class PostgreSqlOrleansTests(PostgresServer postgres)
    : OrleansContract(DatabaseProvider.PostgreSql, postgres);
