using OrleansMl.Console.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Tests.Operations;

public sealed class ListingTests
{
    private static readonly Caller Everything = new("all", Permission.Read, ModelPatterns.Any);
    private static readonly Caller Some = new(
        "some",
        Permission.Read,
        new ModelPatterns(["mine-*"])
    );

    [Fact]
    public async Task Ten_thousand_rows_are_passed_through_page_by_page_each_once()
    {
        var rows = Enumerable.Range(0, 10_000).Select(i => $"m-{i}").ToList();

        Assert.Equal(rows, await AllAsync(Everything, rows, 500));
    }

    [Fact]
    public async Task A_viewer_of_some_models_gets_those_alone_however_few_they_are()
    {
        var rows = Enumerable
            .Range(0, 10_000)
            .Select(i => i % 997 == 0 ? $"mine-{i}" : $"other-{i}")
            .ToList();

        Assert.Equal(
            rows.Where(name => name.StartsWith("mine-", StringComparison.Ordinal)),
            await AllAsync(Some, rows, 3)
        );
    }

    [Fact]
    public async Task One_page_never_reads_the_whole_catalogue()
    {
        var catalog = new Rows([.. Enumerable.Range(0, 50_000).Select(i => $"other-{i}")]);

        var page = await ReadAsync(Some, catalog, 0, 20);

        Assert.Empty(page.Items);
        Assert.NotNull(page.Next);
        Assert.True(catalog.Read <= 10_500, $"{catalog.Read} rows were read.");
    }

    [Fact]
    public async Task The_page_before_is_known_where_nothing_is_passed_over()
    {
        var catalog = new Rows([.. Enumerable.Range(0, 100).Select(i => $"m-{i}")]);

        Assert.Null((await ReadAsync(Everything, catalog, 0, 20)).Previous);
        Assert.Equal(20, (await ReadAsync(Everything, catalog, 40, 20)).Previous);
        Assert.Null((await ReadAsync(Everything, catalog, 80, 20)).Next);
    }

    private static async Task<List<string>> AllAsync(Caller viewer, List<string> rows, int size)
    {
        var (all, catalog, next) = (new List<string>(), new Rows(rows), (int?)0);
        while (next is { } offset)
        {
            var page = await ReadAsync(viewer, catalog, offset, size);
            Assert.True(page.Items.Count <= size);
            all.AddRange(page.Items.Select(row => row.Name));
            next = page.Next;
        }
        return all;
    }

    private static Task<Listing<Row>> ReadAsync(
        Caller viewer,
        Rows catalog,
        int offset,
        int size
    ) =>
        Listing<Row>.ReadAsync(
            catalog,
            new CatalogQuery("row", [], KeyPrefix: null, offset, size),
            viewer,
            row => row.Name,
            TestContext.Current.CancellationToken
        );

    private sealed record Row(string Name);

    private sealed class Rows(IReadOnlyList<string> names) : ICatalog
    {
        public int Read { get; private set; }

        public Task<IReadOnlyList<CatalogEntry>> ListAsync(
            CatalogQuery query,
            CancellationToken cancellationToken
        )
        {
            Assert.InRange(query.Limit, 1, 1_000);
            IReadOnlyList<CatalogEntry> page =
            [
                .. names
                    .Skip(query.Offset)
                    .Take(query.Limit)
                    .Select(name => new CatalogEntry(
                        "row",
                        name,
                        "",
                        DateTimeOffset.UnixEpoch,
                        $$"""{"name":"{{name}}"}"""
                    )),
            ];
            Read += page.Count;
            return Task.FromResult(page);
        }

        public Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task RemoveAsync(string kind, string key, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyDictionary<string, long>> CountAsync(
            string kind,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
