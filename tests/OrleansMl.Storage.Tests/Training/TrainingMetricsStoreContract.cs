using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;
using OrleansMl.Storage.Training;

namespace OrleansMl.Storage.Tests.Training;

public abstract class TrainingMetricsStoreContract(
    DatabaseProvider provider,
    PostgresServer postgres
) : DatabaseTest(provider, postgres)
{
    private static readonly TrainingRunId Run = new("run-1");

    private ITrainingMetricsStore Store => Db.Get<ITrainingMetricsStore>();

    [Fact]
    public async Task Points_read_as_they_were_written()
    {
        var point = new MetricPoint
        {
            Step = 5_000_000_000,
            Epoch = 3,
            Series = "validation",
            ElapsedSeconds = 12.5,
            Values = new Dictionary<string, double>
            {
                ["loss"] = 0.1 + 0.2,
                ["roc_auc"] = double.NaN,
                ["learning_rate"] = double.PositiveInfinity,
            },
        };
        await Store.BeginAttemptAsync(Run, 1, 0, Token);

        await Store.AppendAsync(Run, 1, [point], Token);

        var read = Assert.Single(await Store.ReadAsync(Run, null, 10, Token));
        Assert.Equal(point with { Values = read.Values }, read);
        Assert.Equal(point.Values, read.Values);
    }

    [Fact]
    public async Task A_point_of_the_same_series_and_step_is_replaced()
    {
        await Store.BeginAttemptAsync(Run, 1, 0, Token);
        await Store.AppendAsync(Run, 1, [Point(1, "step", 9), Point(1, "train", 8)], Token);
        await Store.AppendAsync(Run, 1, [Point(1, "step", 7)], Token);

        var read = await Store.ReadAsync(Run, null, 10, Token);

        Assert.Equal(
            [("step", 7d), ("train", 8d)],
            read.Select(point => (point.Series, point.Values["loss"]))
        );
    }

    [Fact]
    public async Task A_new_attempt_drops_points_past_its_step_and_shuts_the_old_one_out()
    {
        await Store.BeginAttemptAsync(Run, 1, 0, Token);
        await Store.AppendAsync(Run, 1, [.. Enumerable.Range(1, 10).Select(i => Point(i))], Token);

        await Store.BeginAttemptAsync(Run, 2, 6, Token);
        var error = await Assert.ThrowsAsync<StaleAttemptException>(() =>
            Store.AppendAsync(Run, 1, [Point(7), Point(11)], Token)
        );

        Assert.Contains("Attempt 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Range(1, 6).Select(i => (long)i),
            (await Store.ReadAsync(Run, "step", 100, Token)).Select(point => point.Step)
        );
    }

    [Fact]
    public async Task An_attempt_begun_twice_keeps_its_points_and_an_older_one_is_stale()
    {
        await Store.BeginAttemptAsync(Run, 2, 0, Token);
        await Store.AppendAsync(Run, 2, [Point(1)], Token);

        await Store.BeginAttemptAsync(Run, 2, 0, Token);

        Assert.Single(await Store.ReadAsync(Run, null, 10, Token));
        await Assert.ThrowsAsync<StaleAttemptException>(() =>
            Store.BeginAttemptAsync(Run, 1, 0, Token)
        );
    }

    [Fact]
    public async Task An_attempt_that_has_not_begun_is_refused()
    {
        await Assert.ThrowsAsync<ConflictException>(() =>
            Store.AppendAsync(Run, 1, [Point(1)], Token)
        );
        await Store.BeginAttemptAsync(Run, 1, 0, Token);
        await Assert.ThrowsAsync<ConflictException>(() =>
            Store.AppendAsync(Run, 2, [Point(1)], Token)
        );

        Assert.Empty(await Store.ReadAsync(Run, null, 10, Token));
    }

    [Fact]
    public async Task Appends_that_race_a_new_attempt_come_wholly_before_or_not_at_all()
    {
        await Store.BeginAttemptAsync(Run, 1, 0, Token);
        var appends = Enumerable
            .Range(1, 40)
            .Select(i =>
                Task.Run(
                    async () =>
                    {
                        try
                        {
                            await Store.AppendAsync(Run, 1, [Point(i)], Token);
                            return true;
                        }
                        catch (StaleAttemptException)
                        {
                            return false;
                        }
                    },
                    Token
                )
            )
            .ToArray();

        await Store.BeginAttemptAsync(Run, 2, 0, Token);
        await Task.WhenAll(appends);

        Assert.Empty(await Store.ReadAsync(Run, null, 100, Token));
        await Assert.ThrowsAsync<StaleAttemptException>(() =>
            Store.AppendAsync(Run, 1, [Point(1)], Token)
        );
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(1000, 2)]
    [InlineData(1000, 10)]
    [InlineData(1000, 999)]
    [InlineData(1000, 1000)]
    [InlineData(3, 10)]
    public async Task Reading_thins_evenly_and_keeps_the_last_point(int count, int limit)
    {
        await Store.BeginAttemptAsync(Run, 1, 0, Token);
        await Store.AppendAsync(
            Run,
            1,
            [.. Enumerable.Range(0, count).Select(i => Point(i))],
            Token
        );

        var steps = (await Store.ReadAsync(Run, "step", limit, Token))
            .Select(point => (int)point.Step)
            .ToArray();

        var expected =
            limit == 1 ? [count - 1]
            : limit >= count ? Enumerable.Range(0, count).ToArray()
            : [.. Enumerable.Range(0, limit).Select(j => j * (count - 1) / (limit - 1))];
        Assert.Equal(expected, steps);
    }

    [Fact]
    public async Task A_series_of_many_points_does_not_crowd_out_a_short_one()
    {
        await Store.BeginAttemptAsync(Run, 1, 0, Token);
        await Store.AppendAsync(Run, 1, [.. Enumerable.Range(0, 900).Select(i => Point(i))], Token);
        await Store.AppendAsync(Run, 1, [Point(899, "test"), Point(500, "validation")], Token);

        var read = await Store.ReadAsync(Run, null, 12, Token);

        Assert.Equal(12, read.Count);
        Assert.Equal(10, read.Count(point => point.Series == "step"));
        Assert.Single(read, point => point.Series == "test");
        Assert.Equal(read.OrderBy(point => point.Step).ThenBy(point => point.Series), read);
    }

    [Fact]
    public async Task More_points_than_a_report_may_hold_are_refused()
    {
        await Store.BeginAttemptAsync(Run, 1, 0, Token);

        await Assert.ThrowsAsync<InvalidInputException>(() =>
            Store.AppendAsync(Run, 1, [.. Enumerable.Range(0, 1001).Select(i => Point(i))], Token)
        );

        Assert.Empty(await Store.ReadAsync(Run, null, 10, Token));
    }

    [Theory]
    [InlineData(new long[] { 1, 100, 3 }, 12, new long[] { 1, 8, 3 })]
    [InlineData(new long[] { 100, 100 }, 5, new long[] { 2, 3 })]
    [InlineData(new long[] { 5, 5, 5 }, 2, new long[] { 0, 1, 1 })]
    [InlineData(new long[] { }, 2, new long[] { })]
    public void Shares_give_short_series_whole(long[] counts, long limit, long[] expected) =>
        Assert.Equal(expected, SqlTrainingMetricsStore.Shares(counts, limit));

    private static MetricPoint Point(long step, string series = "step", double loss = 1) =>
        new()
        {
            Step = step,
            Epoch = 1,
            Series = series,
            ElapsedSeconds = step,
            Values = new Dictionary<string, double> { ["loss"] = loss },
        };
}
