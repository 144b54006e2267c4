using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Trust;

public sealed class SqliteAuditLogTests(PostgresServer postgres)
    : AuditLogContract(DatabaseProvider.Sqlite, postgres);
