using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public sealed class SqliteOrleansTests(PostgresServer postgres)
    : OrleansContract(DatabaseProvider.Sqlite, postgres);
