using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Trust;

public sealed class PostgreSqlAuditLogTests(PostgresServer postgres)
    : AuditLogContract(DatabaseProvider.PostgreSql, postgres);
