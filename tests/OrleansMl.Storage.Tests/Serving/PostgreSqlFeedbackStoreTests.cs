using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving;

public sealed class PostgreSqlFeedbackStoreTests(PostgresServer postgres)
    : FeedbackStoreContract(DatabaseProvider.PostgreSql, postgres);
