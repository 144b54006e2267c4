using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving;

public sealed class SqliteQualityStoreTests(PostgresServer postgres)
    : QualityStoreContract(DatabaseProvider.Sqlite, postgres);
