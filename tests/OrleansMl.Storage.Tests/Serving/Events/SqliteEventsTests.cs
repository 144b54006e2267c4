using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving.Events;

public sealed class SqliteEventsTests(PostgresServer postgres)
    : EventsContract(DatabaseProvider.Sqlite, postgres);
