using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Watching.Quality;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving;

/// <inheritdoc/>
internal sealed class SqlQualityStore(Database database) : IQualityStore
{
    private const string Row = "model = @model AND id = @id AND item = @item";

    public Task<int> AddAsync(
        string model,
        IReadOnlyList<LoggedPrediction> predictions,
        long begin,
        int seconds,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "keep predictions",
            async (connection, token) =>
            {
                // Always in the same order, so that two writers never wait for each other.
                var ordered = predictions
                    .OrderBy(p => p.Id, StringComparer.Ordinal)
                    .ThenBy(p => p.Row)
                    .ToList();
                var added = await connection.RunManyAsync(
                    "INSERT INTO oml_quality_prediction (model, id, item, version, reference, predicted_at, value, label, actual, joined) VALUES (@model, @id, @item, @version, @reference, @at, @value, NULL, NULL, 0) ON CONFLICT (model, id, item) DO NOTHING",
                    [.. ordered.Select(p => Parameters(model, p))],
                    token
                );
                if (added == ordered.Count)
                    return 0;
                var joined = new List<(int Version, string Reference, QualityTally Tally)>();
                foreach (var prediction in ordered)
                {
                    // Its outcome came first: the row has no value yet.
                    var rows = await connection.RunAsync(
                        $"UPDATE oml_quality_prediction SET value = @value, version = @version, reference = @reference, predicted_at = @at, joined = 1 WHERE {Row} AND value IS NULL",
                        token,
                        Parameters(model, prediction)
                    );
                    if (rows == 0)
                        continue;
                    var outcome = (
                        await connection.QueryAsync(
                            $"SELECT label, actual FROM oml_quality_prediction WHERE {Row}",
                            row => (Label: Text(row, 0), Actual: Number(Text(row, 1))),
                            token,
                            Key(model, prediction.Id, prediction.Row)
                        )
                    ).Single();
                    if (
                        QualityTally.Of(prediction.Value, outcome.Label, outcome.Actual) is
                        { } tally
                    )
                        joined.Add((prediction.Version, prediction.Reference, tally));
                }
                await CountAsync(connection, model, begin, seconds, joined, token);
                return joined.Count;
            },
            cancellationToken
        );

    public Task<JoinResult> JoinAsync(
        string model,
        IReadOnlyList<TrueOutcome> outcomes,
        long begin,
        int seconds,
        DateTimeOffset young,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "join outcomes",
            async (connection, token) =>
            {
                var (early, repeated, unknown) = (0, 0, 0);
                var joined = new List<(int Version, string Reference, QualityTally Tally)>();
                foreach (
                    var outcome in outcomes
                        .OrderBy(o => o.Id, StringComparer.Ordinal)
                        .ThenBy(o => o.Row)
                )
                {
                    if (
                        outcome.At >= young
                        && await TryKeepAsync(connection, model, outcome, token)
                    )
                    {
                        early++;
                        continue;
                    }
                    var key = Key(model, outcome.Id, outcome.Row);
                    // The first statement that finds the row locks it to the end of the transaction.
                    var claimed = await connection.RunAsync(
                        $"UPDATE oml_quality_prediction SET joined = 1, label = @label, actual = @actual WHERE {Row} AND joined = 0 AND value IS NOT NULL",
                        token,
                        [.. key, ("label", outcome.Label), ("actual", Text(outcome.Actual))]
                    );
                    var found = (
                        await connection.QueryAsync(
                            $"SELECT version, reference, value FROM oml_quality_prediction WHERE {Row}",
                            row =>
                                (
                                    Version: (int)row.GetInt64(0),
                                    Reference: row.GetString(1),
                                    Value: Text(row, 2)
                                ),
                            token,
                            key
                        )
                    );
                    if (claimed == 0)
                    {
                        if (found.Count == 0)
                            unknown++;
                        else
                            repeated++;
                        continue;
                    }
                    var (version, reference, value) = found.Single();
                    if (
                        QualityTally.Of(
                            Read<PredictedValue>(value!),
                            outcome.Label,
                            outcome.Actual
                        ) is
                        { } tally
                    )
                    {
                        joined.Add((version, reference, tally));
                        continue;
                    }
                    // A class was told of a number: the right outcome may still come.
                    unknown++;
                    await connection.RunAsync(
                        $"UPDATE oml_quality_prediction SET joined = 0, label = NULL, actual = NULL WHERE {Row}",
                        token,
                        key
                    );
                }
                await CountAsync(connection, model, begin, seconds, joined, token);
                return new JoinResult
                {
                    Joined = joined.Count + early,
                    Repeated = repeated,
                    Unknown = unknown,
                };
            },
            cancellationToken
        );

    public async Task<IReadOnlyList<QualityWindow>> ReadAsync(
        string model,
        long from,
        int seconds,
        CancellationToken cancellationToken
    ) =>
        await database.ExecuteAsync(
            "read quality",
            (connection, token) =>
                connection.QueryAsync(
                    "SELECT version, reference, window_begin, tally FROM oml_quality_window WHERE model = @model AND window_seconds = @seconds AND window_begin >= @begin ORDER BY window_begin, version, reference",
                    row => new QualityWindow(
                        (int)row.GetInt64(0),
                        row.GetString(1),
                        row.GetInt64(2),
                        seconds,
                        Read<QualityTally>(row.GetString(3))
                    ),
                    token,
                    ("model", model),
                    ("seconds", (long)seconds),
                    ("begin", from)
                ),
            cancellationToken
        );

    public Task ForgetAsync(
        string model,
        DateTimeOffset before,
        int keep,
        long windowsBefore,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "forget predictions",
            async (connection, token) =>
            {
                var newest = await connection.ScalarAsync(
                    "SELECT predicted_at FROM oml_quality_prediction WHERE model = @model ORDER BY predicted_at DESC LIMIT 1 OFFSET @keep",
                    token,
                    ("model", model),
                    ("keep", (long)keep)
                );
                var gone = await connection.RunAsync(
                    "DELETE FROM oml_quality_prediction WHERE model = @model AND predicted_at < @before",
                    token,
                    ("model", model),
                    (
                        "before",
                        Math.Max(
                            before.ToUnixTimeMilliseconds(),
                            newest is null ? long.MinValue : (long)newest + 1
                        )
                    )
                );
                return gone
                    + await connection.RunAsync(
                        "DELETE FROM oml_quality_window WHERE model = @model AND window_begin < @begin",
                        token,
                        ("model", model),
                        ("begin", windowsBefore)
                    );
            },
            cancellationToken
        );

    /// <summary>Keeps an outcome whose prediction is not written yet; false where there is a row.</summary>
    private static async Task<bool> TryKeepAsync(
        DbConnection connection,
        string model,
        TrueOutcome outcome,
        CancellationToken cancellationToken
    ) =>
        await connection.RunAsync(
            "INSERT INTO oml_quality_prediction (model, id, item, version, reference, predicted_at, value, label, actual, joined) VALUES (@model, @id, @item, @version, '', @at, NULL, @label, @actual, 0) ON CONFLICT (model, id, item) DO NOTHING",
            cancellationToken,
            [
                .. Key(model, outcome.Id, outcome.Row),
                ("version", (long)outcome.Version),
                ("at", outcome.At.ToUnixTimeMilliseconds()),
                ("label", outcome.Label),
                ("actual", Text(outcome.Actual)),
            ]
        ) > 0;

    private static async Task CountAsync(
        DbConnection connection,
        string model,
        long begin,
        int seconds,
        IEnumerable<(int Version, string Reference, QualityTally Tally)> joined,
        CancellationToken cancellationToken
    )
    {
        foreach (
            var same in joined
                .GroupBy(one => (one.Version, one.Reference))
                .OrderBy(one => one.Key.Version)
                .ThenBy(one => one.Key.Reference, StringComparer.Ordinal)
        )
        {
            (string, object?)[] key =
            [
                ("model", model),
                ("seconds", (long)seconds),
                ("begin", begin),
                ("version", (long)same.Key.Version),
                ("reference", same.Key.Reference),
            ];
            const string Window =
                "model = @model AND window_seconds = @seconds AND window_begin = @begin AND version = @version AND reference = @reference";
            // Where the row is there, this only locks it: what is read then is not changed by another until the commit.
            await connection.RunAsync(
                "INSERT INTO oml_quality_window (model, window_seconds, window_begin, version, reference, tally) VALUES (@model, @seconds, @begin, @version, @reference, '{}') ON CONFLICT (model, window_seconds, window_begin, version, reference) DO UPDATE SET tally = oml_quality_window.tally",
                cancellationToken,
                key
            );
            var there = (string?)
                await connection.ScalarAsync(
                    $"SELECT tally FROM oml_quality_window WHERE {Window}",
                    cancellationToken,
                    key
                );
            await connection.RunAsync(
                $"UPDATE oml_quality_window SET tally = @tally WHERE {Window}",
                cancellationToken,
                [
                    .. key,
                    (
                        "tally",
                        JsonSerializer.Serialize(
                            same.Aggregate(
                                Read<QualityTally>(there!),
                                (sum, one) => sum + one.Tally
                            ),
                            ContractsJson.Options
                        )
                    ),
                ]
            );
        }
    }

    private static (string, object?)[] Key(string model, string id, int row) =>
        [("model", model), ("id", id), ("item", (long)row)];

    private static (string, object?)[] Parameters(string model, LoggedPrediction prediction) =>
        [
            .. Key(model, prediction.Id, prediction.Row),
            ("version", (long)prediction.Version),
            ("reference", prediction.Reference),
            ("at", prediction.At.ToUnixTimeMilliseconds()),
            ("value", JsonSerializer.Serialize(prediction.Value, ContractsJson.Options)),
        ];

    private static T Read<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, ContractsJson.Options)!;

    private static string? Text(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private static string? Text(double? number) =>
        number?.ToString("R", CultureInfo.InvariantCulture);

    private static double? Number(string? text) =>
        text is null ? null : double.Parse(text, CultureInfo.InvariantCulture);
}
