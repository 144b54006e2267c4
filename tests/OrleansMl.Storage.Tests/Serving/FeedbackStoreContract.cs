using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving;

public abstract class FeedbackStoreContract(DatabaseProvider provider, PostgresServer postgres)
    : DatabaseTest(provider, postgres)
{
    private static readonly DateTimeOffset Then = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private IFeedbackStore Store => Db.Get<IFeedbackStore>();

    [Fact]
    public async Task Outcomes_are_summed_by_experiment_and_version_each_once_by_its_id()
    {
        Assert.Equal(
            3,
            await Store.RecordAsync(
                "churn",
                [Entry("a", 1, 0.5), Entry("b", 1, 2), Entry("c", 2, -1)],
                Token
            )
        );
        Assert.Equal(
            1,
            await Store.RecordAsync("churn", [Entry("a", 1, 9), Entry("d", 2, 3)], Token)
        );
        await Store.RecordAsync("churn", [Entry("e", 1, 7, experiment: 8)], Token);
        await Store.RecordAsync("other", [Entry("a", 1, 7)], Token);

        var read = await Store.ReadAsync("churn", 7, Token);

        Assert.Equal(
            [(1, 2L, 2.5, 4.25), (2, 2L, 2.0, 10.0)],
            read.Select(tally => (tally.Version, tally.Count, tally.Sum, tally.SumOfSquares))
        );
        Assert.Equal(7, Assert.Single(await Store.ReadAsync("churn", 8, Token)).Sum);
        Assert.Empty(await Store.ReadAsync("absent", 7, Token));
    }

    [Fact]
    public async Task The_same_id_twice_in_one_call_counts_once()
    {
        Assert.Equal(
            1,
            await Store.RecordAsync("churn", [Entry("a", 1, 1), Entry("a", 1, 1)], Token)
        );
        Assert.Equal(1, Assert.Single(await Store.ReadAsync("churn", 7, Token)).Count);
    }

    [Fact]
    public async Task Many_writers_of_the_same_ids_count_each_once()
    {
        var entries = Enumerable.Range(0, 50).Select(i => Entry($"{i}", 1 + (i % 2), 1)).ToList();

        var counted = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    Task.Run(
                        () =>
                            Store.RecordAsync(
                                "churn",
                                [.. entries.Skip(i).Concat(entries.Take(i))],
                                Token
                            ),
                        Token
                    )
                )
        );

        Assert.Equal(50, counted.Sum());
        Assert.Equal(50, (await Store.ReadAsync("churn", 7, Token)).Sum(tally => tally.Count));
    }

    [Fact]
    public async Task Forgotten_ids_leave_their_sums()
    {
        await Store.RecordAsync(
            "churn",
            [Entry("old", 1, 1), Entry("new", 1, 1) with { PredictedAt = Then.AddDays(2) }],
            Token
        );

        await Store.ForgetAsync("churn", Then.AddDays(1), Token);

        Assert.Equal(2, Assert.Single(await Store.ReadAsync("churn", 7, Token)).Count);
        Assert.Equal(0, await Store.RecordAsync("churn", [Entry("new", 1, 1)], Token));
        Assert.Equal(1, await Store.RecordAsync("churn", [Entry("old", 1, 1)], Token));
    }

    private static FeedbackEntry Entry(string id, int version, double value, long experiment = 7) =>
        new(id, version, experiment, value, Then);
}
