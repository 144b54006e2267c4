using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving;

/// <inheritdoc/>
internal sealed class SqlFeedbackStore(Database database) : IFeedbackStore
{
    public Task<int> RecordAsync(
        string model,
        IReadOnlyList<FeedbackEntry> outcomes,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "record outcomes",
            async (connection, token) =>
            {
                List<FeedbackEntry> added = [];
                // Always in the same order, so that two writers never wait for each other.
                foreach (
                    var outcome in outcomes.OrderBy(outcome => outcome.Id, StringComparer.Ordinal)
                )
                {
                    var rows = await connection.RunAsync(
                        "INSERT INTO oml_feedback (model, id, version, experiment, value, predicted_at) VALUES (@model, @id, @version, @experiment, @value, @at) ON CONFLICT (model, id) DO NOTHING",
                        token,
                        ("model", model),
                        ("id", outcome.Id),
                        ("version", (long)outcome.Version),
                        ("experiment", outcome.Experiment),
                        ("value", outcome.Value),
                        ("at", outcome.PredictedAt.ToUnixTimeMilliseconds())
                    );
                    if (rows > 0)
                        added.Add(outcome);
                }
                foreach (
                    var same in added
                        .GroupBy(outcome => (outcome.Experiment, outcome.Version))
                        .OrderBy(same => same.Key)
                )
                {
                    await connection.RunAsync(
                        "INSERT INTO oml_feedback_tally (model, experiment, version, count, sum, sum_of_squares) VALUES (@model, @experiment, @version, @count, @sum, @squares) ON CONFLICT (model, experiment, version) DO UPDATE SET count = oml_feedback_tally.count + excluded.count, sum = oml_feedback_tally.sum + excluded.sum, sum_of_squares = oml_feedback_tally.sum_of_squares + excluded.sum_of_squares",
                        token,
                        ("model", model),
                        ("experiment", same.Key.Experiment),
                        ("version", (long)same.Key.Version),
                        ("count", (long)same.Count()),
                        ("sum", same.Sum(outcome => outcome.Value)),
                        ("squares", same.Sum(outcome => outcome.Value * outcome.Value))
                    );
                }
                return added.Count;
            },
            cancellationToken
        );

    public async Task<IReadOnlyList<OutcomeTally>> ReadAsync(
        string model,
        long experiment,
        CancellationToken cancellationToken
    ) =>
        await database.ExecuteAsync(
            "read outcomes",
            (connection, token) =>
                connection.QueryAsync(
                    "SELECT version, count, sum, sum_of_squares FROM oml_feedback_tally WHERE model = @model AND experiment = @experiment ORDER BY version",
                    row => new OutcomeTally
                    {
                        Version = (int)row.GetInt64(0),
                        Count = row.GetInt64(1),
                        Sum = row.GetDouble(2),
                        SumOfSquares = row.GetDouble(3),
                    },
                    token,
                    ("model", model),
                    ("experiment", experiment)
                ),
            cancellationToken
        );

    public Task ForgetAsync(
        string model,
        DateTimeOffset before,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "forget outcomes",
            (connection, token) =>
                connection.RunAsync(
                    "DELETE FROM oml_feedback WHERE model = @model AND predicted_at < @before",
                    token,
                    ("model", model),
                    ("before", before.ToUnixTimeMilliseconds())
                ),
            cancellationToken
        );
}
