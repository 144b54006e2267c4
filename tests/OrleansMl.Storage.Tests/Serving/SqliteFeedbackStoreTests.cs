using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving;

public sealed class SqliteFeedbackStoreTests(PostgresServer postgres)
    : FeedbackStoreContract(DatabaseProvider.Sqlite, postgres);
