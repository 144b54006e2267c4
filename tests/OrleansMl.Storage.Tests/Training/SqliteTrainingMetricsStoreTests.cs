using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Training;

public sealed class SqliteTrainingMetricsStoreTests(PostgresServer postgres)
    : TrainingMetricsStoreContract(DatabaseProvider.Sqlite, postgres);
