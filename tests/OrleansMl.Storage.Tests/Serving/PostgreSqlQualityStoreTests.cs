using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving;

public sealed class PostgreSqlQualityStoreTests(PostgresServer postgres)
    : QualityStoreContract(DatabaseProvider.PostgreSql, postgres);
