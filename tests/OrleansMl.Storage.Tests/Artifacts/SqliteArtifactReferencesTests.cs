using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class SqliteArtifactReferencesTests(PostgresServer postgres)
    : ArtifactReferencesContract(DatabaseProvider.Sqlite, postgres);
