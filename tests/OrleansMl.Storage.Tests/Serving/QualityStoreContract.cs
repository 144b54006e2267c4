using OrleansMl.Core.Serving.Watching.Quality;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving;

public abstract class QualityStoreContract(DatabaseProvider provider, PostgresServer postgres)
    : DatabaseTest(provider, postgres)
{
    private const int Seconds = 3_600;
    private static readonly DateTimeOffset Then = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    private IQualityStore Store => Db.Get<IQualityStore>();

    [Fact]
    public async Task Outcomes_are_joined_once_and_summed_by_window_version_and_reference()
    {
        await AddAsync(Predicted("a"), Predicted("a", row: 1, label: "no"), Predicted("b", 2, "x"));

        var first = await JoinAsync(0, True("a"), True("a", 1), True("b"));
        var again = await JoinAsync(Seconds, True("a", label: "no"), True("b"), True("c"));
        await AddAsync(Predicted("c"));
        await JoinAsync(Seconds, True("c"));

        Assert.Equal((3, 0, 0), (first.Joined, first.Repeated, first.Unknown));
        Assert.Equal((0, 2, 1), (again.Joined, again.Repeated, again.Unknown));
        var read = await Store.ReadAsync("churn", 0, Seconds, Token);
        Assert.Equal(
            [(0L, 1, "", 2L, 1L), (0L, 2, "x", 1L, 1L), (Seconds, 1, "", 1L, 1L)],
            read.Select(w => (w.Begin, w.Version, w.Reference, w.Tally.Count, w.Tally.Correct))
        );
        Assert.Equal(0.5, read[0].Tally.Calibration[9].Confidence - 1.3, 1e-9);
        Assert.Single(await Store.ReadAsync("churn", 1, Seconds, Token));
        Assert.Empty(await Store.ReadAsync("churn", 0, 60, Token));
        Assert.Empty(await Store.ReadAsync("other", 0, Seconds, Token));
    }

    [Fact]
    public async Task An_outcome_of_a_young_prediction_waits_for_it_and_counts_when_it_comes()
    {
        var early = await JoinAsync(0, Then, True("a"), True("a"));
        Assert.Equal((1, 1), (early.Joined, early.Repeated));
        Assert.Empty(await Store.ReadAsync("churn", 0, Seconds, Token));

        Assert.Equal(1, await AddAsync(Predicted("a"), Predicted("b")));
        Assert.Equal(0, await AddAsync(Predicted("a"), Predicted("b")));

        Assert.Equal(
            1,
            Assert.Single(await Store.ReadAsync("churn", 0, Seconds, Token)).Tally.Count
        );
        Assert.Equal(1, (await JoinAsync(0, Then, True("a"))).Repeated);
        Assert.Equal(1, (await JoinAsync(0, Then, True("b"))).Joined);
    }

    [Fact]
    public async Task An_outcome_of_another_kind_leaves_the_prediction_to_the_right_one()
    {
        await AddAsync(Predicted("a") with { Value = new PredictedValue { Number = 3 } });

        Assert.Equal(1, (await JoinAsync(0, True("a", label: "yes"))).Unknown);
        Assert.Equal(1, (await JoinAsync(0, True("a") with { Label = null, Actual = 5 })).Joined);

        Assert.Equal(
            4,
            Assert.Single(await Store.ReadAsync("churn", 0, Seconds, Token)).Tally.Squares
        );
    }

    [Fact]
    public async Task Many_writers_of_the_same_outcomes_count_each_once()
    {
        var ids = Enumerable.Range(0, 40).Select(i => $"{i}").ToList();
        await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .SelectMany(
                    IEnumerable<Task> (_) =>
                        [
                            AddAsync([.. ids.Select(id => Predicted(id))]),
                            JoinAsync(0, Then, [.. ids.Select(id => True(id))]),
                        ]
                )
        );

        var window = Assert.Single(await Store.ReadAsync("churn", 0, Seconds, Token));
        Assert.Equal(ids.Count, window.Tally.Count);
    }

    [Fact]
    public async Task Old_predictions_and_windows_are_forgotten_and_all_but_the_newest()
    {
        await AddAsync([
            .. Enumerable
                .Range(0, 5)
                .Select(i => Predicted($"{i}") with { At = Then.AddMinutes(i) }),
        ]);
        await JoinAsync(0, True("0"));
        await JoinAsync(Seconds, True("4"));

        await Store.ForgetAsync("churn", Then.AddMinutes(1), 2, Seconds, Token);

        Assert.Equal(
            Seconds,
            Assert.Single(await Store.ReadAsync("churn", 0, Seconds, Token)).Begin
        );
        var left = await JoinAsync(0, [.. Enumerable.Range(0, 5).Select(i => True($"{i}"))]);
        Assert.Equal((1, 1, 3), (left.Joined, left.Repeated, left.Unknown));
    }

    private Task<int> AddAsync(params LoggedPrediction[] predictions) =>
        Store.AddAsync("churn", predictions, 0, Seconds, Token);

    private Task<OrleansMl.Contracts.Serving.Traffic.JoinResult> JoinAsync(
        long begin,
        params TrueOutcome[] outcomes
    ) => JoinAsync(begin, Never, outcomes);

    private Task<OrleansMl.Contracts.Serving.Traffic.JoinResult> JoinAsync(
        long begin,
        DateTimeOffset young,
        params TrueOutcome[] outcomes
    ) => Store.JoinAsync("churn", outcomes, begin, Seconds, young, Token);

    private static LoggedPrediction Predicted(
        string id,
        int version = 1,
        string reference = "",
        int row = 0,
        string label = "yes"
    ) =>
        new(
            id,
            row,
            version,
            reference,
            Then,
            new PredictedValue
            {
                Label = label,
                Confidence = 0.9,
                Probabilities = new Dictionary<string, double> { [label] = 0.9 },
                Rest = 0.1,
                Squares = 0.82,
            }
        );

    private static TrueOutcome True(string id, int row = 0, string? label = "yes") =>
        new(id, row, 1, Then, label, null);
}
