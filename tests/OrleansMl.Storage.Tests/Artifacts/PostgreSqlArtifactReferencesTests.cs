using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class PostgreSqlArtifactReferencesTests(PostgresServer postgres)
    : ArtifactReferencesContract(DatabaseProvider.PostgreSql, postgres);
