using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Training;

public sealed class PostgreSqlTrainingMetricsStoreTests(PostgresServer postgres)
    : TrainingMetricsStoreContract(DatabaseProvider.PostgreSql, postgres);
