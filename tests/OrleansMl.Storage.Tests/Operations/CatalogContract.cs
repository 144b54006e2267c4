using OrleansMl.Contracts;
using OrleansMl.Core.Operations;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public abstract class CatalogContract(DatabaseProvider provider, PostgresServer postgres)
    : DatabaseTest(provider, postgres)
{
    private static readonly DateTimeOffset Start = new(
        2026,
        1,
        1,
        12,
        0,
        0,
        123,
        456,
        TimeSpan.Zero
    );

    private ICatalog Catalog => Db.Get<ICatalog>();

    [Fact]
    public async Task A_row_reads_as_it_was_written_to_the_tick()
    {
        var entry = new CatalogEntry(
            CatalogKinds.Model,
            "churn",
            "",
            Start.AddTicks(7),
            "{\"text\":\"ü ' \\\" ☃\"}"
        );

        await Catalog.UpsertAsync(entry, Token);

        Assert.Equal(
            [entry],
            await Catalog.ListAsync(new CatalogQuery(CatalogKinds.Model, []), Token)
        );
    }

    [Fact]
    public async Task A_later_row_of_the_same_key_takes_the_place_of_the_first()
    {
        await Catalog.UpsertAsync(Run("a", "queued", 0), Token);
        await Catalog.UpsertAsync(Run("a", "running", 1), Token);

        Assert.Equal(
            [Run("a", "running", 1)],
            await Catalog.ListAsync(new CatalogQuery(CatalogKinds.TrainingRun, []), Token)
        );
    }

    [Fact]
    public async Task Pages_are_newest_first_and_meet_without_a_gap()
    {
        for (var i = 0; i < 25; i++)
            await Catalog.UpsertAsync(Run($"run-{i:00}", "queued", i / 5), Token);

        var pages = new List<CatalogEntry>();
        for (var offset = 0; offset < 30; offset += 10)
            pages.AddRange(
                await Catalog.ListAsync(
                    new CatalogQuery(CatalogKinds.TrainingRun, [], Offset: offset, Limit: 10),
                    Token
                )
            );

        Assert.Equal(
            Enumerable.Range(0, 25).Reverse().Select(i => $"run-{i:00}"),
            pages.Select(entry => entry.Key)
        );
    }

    [Fact]
    public async Task Status_prefix_and_kind_filter_together()
    {
        await Catalog.UpsertAsync(Run("nightly-1", "queued", 0), Token);
        await Catalog.UpsertAsync(Run("nightly-2", "failed", 1), Token);
        await Catalog.UpsertAsync(Run("nightly-3", "running", 2), Token);
        await Catalog.UpsertAsync(Run("nightlz", "queued", 3), Token);
        await Catalog.UpsertAsync(Run("night", "queued", 4), Token);
        await Catalog.UpsertAsync(
            new CatalogEntry(CatalogKinds.Model, "nightly-1", "queued", Start, "{}"),
            Token
        );

        var found = await Catalog.ListAsync(
            new CatalogQuery(CatalogKinds.TrainingRun, ["queued", "running"], "nightly-"),
            Token
        );

        Assert.Equal(["nightly-3", "nightly-1"], found.Select(entry => entry.Key));
    }

    [Theory]
    [InlineData("a_")]
    [InlineData("a%")]
    [InlineData("a'")]
    public async Task A_prefix_is_text_not_a_pattern(string prefix)
    {
        await Catalog.UpsertAsync(Run("ab", "queued", 0), Token);
        await Catalog.UpsertAsync(Run(prefix + "1", "queued", 0), Token);

        var found = await Catalog.ListAsync(
            new CatalogQuery(CatalogKinds.TrainingRun, [], prefix),
            Token
        );

        Assert.Equal([prefix + "1"], found.Select(entry => entry.Key));
    }

    [Fact]
    public async Task Counts_are_by_status_and_follow_removal()
    {
        await Catalog.UpsertAsync(Run("a", "queued", 0), Token);
        await Catalog.UpsertAsync(Run("b", "queued", 0), Token);
        await Catalog.UpsertAsync(Run("c", "failed", 0), Token);
        await Catalog.RemoveAsync(CatalogKinds.TrainingRun, "b", Token);
        await Catalog.RemoveAsync(CatalogKinds.TrainingRun, "unknown", Token);

        var counts = await Catalog.CountAsync(CatalogKinds.TrainingRun, Token);

        Assert.Equal(
            new Dictionary<string, long> { ["queued"] = 1, ["failed"] = 1 },
            counts.OrderBy(pair => pair.Key).Reverse().ToDictionary()
        );
        Assert.Empty(await Catalog.CountAsync(CatalogKinds.Dataset, Token));
    }

    [Fact]
    public async Task Counting_many_rows_reads_the_index_alone()
    {
        await Db.Get<Database>()
            .TransactAsync(
                "fill",
                async (connection, token) =>
                {
                    for (var i = 0; i < 4000; i++)
                        await connection.RunAsync(
                            "INSERT INTO oml_catalogue VALUES (@kind, @key, @status, @ticks, '{}')",
                            token,
                            ("kind", i % 2 == 0 ? "training-run" : "model-version"),
                            ("key", $"k-{i}"),
                            ("status", $"s-{i % 7}"),
                            ("ticks", (long)i)
                        );
                    return 0;
                },
                Token
            );

        var counts = await Catalog.CountAsync(CatalogKinds.TrainingRun, Token);

        Assert.Equal(2000, counts.Values.Sum());
        Assert.Contains(
            "oml_catalogue_by_status",
            await ExplainCountAsync(),
            StringComparison.OrdinalIgnoreCase
        );
    }

    [Fact]
    public async Task A_summary_over_the_limit_is_refused_naming_sizes()
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            Catalog.UpsertAsync(
                Run("a", "queued", 0) with
                {
                    Summary = new string('ü', 9000),
                },
                Token
            )
        );

        Assert.Contains("18000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("16384", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1001)]
    [InlineData(-1, 10)]
    public async Task A_page_out_of_bounds_is_refused(int offset, int limit)
    {
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            Catalog.ListAsync(
                new CatalogQuery(CatalogKinds.Model, [], Offset: offset, Limit: limit),
                Token
            )
        );
    }

    protected abstract Task<string> ExplainCountAsync();

    private static CatalogEntry Run(string key, string status, int minute) =>
        new(CatalogKinds.TrainingRun, key, status, Start.AddMinutes(minute), "{}");
}
