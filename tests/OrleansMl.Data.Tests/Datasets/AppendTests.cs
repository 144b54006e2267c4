using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class AppendTests : IDisposable
{
    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task Appended_statistics_equal_those_of_one_import_of_all_rows()
    {
        string Rows(int from, int to) =>
            string.Concat(
                Enumerable
                    .Range(from, to - from)
                    .Select(i => $"{i % 7},{i * 0.37},{(i % 3 == 0 ? "" : $"t{i % 4}")}\n")
            );
        var policy = new SplitPolicy { Kind = SplitKind.Random, Seed = 5 };
        var first = await RunAsync("a,b,c\n" + Rows(0, 300), policy);
        var parent = Import.Commit(first);
        var second = await RunAsync("c,a,b\n" + Swap(Rows(300, 500)), policy, parent);
        var whole = await RunAsync("a,b,c\n" + Rows(0, 500), policy);

        Assert.All(second.Shards, s => Assert.Equal(2, s.SinceVersion));
        Assert.Equal(200, second.Shards.Sum(s => s.Rows));
        // The same random sequence goes on over positions: the splits are those of one import.
        Assert.Equal(
            _import.Rows(whole)[300..].Select(r => r[^1]),
            _import.Rows(second).Select(r => r[^1])
        );
        foreach (var (a, b) in whole.Statistics.Zip(second.Statistics))
        {
            Assert.Equal((a.Split, a.Rows), (b.Split, b.Rows));
            foreach (var (x, y) in a.Columns.Zip(b.Columns))
            {
                Assert.Equal(
                    (x.Column, x.Count, x.Missing, x.Minimum, x.Maximum),
                    (y.Column, y.Count, y.Missing, y.Minimum, y.Maximum)
                );
                Assert.Equal(x.Mean ?? 0, y.Mean ?? 0, 1e-9);
                Assert.Equal(x.StandardDeviation ?? 0, y.StandardDeviation ?? 0, 1e-9);
                Assert.Equal(x.Values, y.Values);
            }
        }

        static string Swap(string rows) =>
            string.Concat(
                rows.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(r => r.Split(','))
                    .Select(f => $"{f[2]},{f[0]},{f[1]}\n")
            );
    }

    [Fact]
    public async Task Strata_go_on_from_the_parents_counts()
    {
        var policy = new SplitPolicy
        {
            Kind = SplitKind.Random,
            StratifyBy = "c",
            Validation = 0.2,
            Test = 0.2,
        };
        DatasetManifest? parent = null;
        for (var part = 0; part < 20; part++)
            parent = Import.Commit(
                await RunAsync("c,v\nx,1\nx,2\nx,3\ny,4\n", policy, parent),
                parent
            );
        foreach (var split in parent!.Statistics)
        {
            var share = split.Split == "train" ? 0.6 : 0.2;
            var values = split.Columns[0].Values.ToDictionary(v => v.Value, v => v.Count);
            Assert.InRange(values["x"], (60 * share) - 1, (60 * share) + 1);
            Assert.InRange(values["y"], (20 * share) - 1, (20 * share) + 1);
        }
    }

    [Theory]
    [InlineData("a\n1\n", "expected a column 'b' (Text), got only 'a'")]
    [InlineData("a,b,c\n1,x,2\n", "it has no column 'c' (Integer); expected the columns 'a', 'b'")]
    public async Task Appending_other_columns_is_refused_naming_them(string text, string expected)
    {
        var parent = Import.Commit(await RunAsync("a,b\n1,x\n", new SplitPolicy()));
        var message = await _import.RefusalAsync(Request(text, new SplitPolicy(), parent));
        Assert.StartsWith("Can't append to d@1: ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public async Task Appending_another_kind_is_refused_naming_column_expected_and_got()
    {
        var parent = Import.Commit(await RunAsync("a,b\n1.5,x\n", new SplitPolicy()));
        Assert.Contains(
            "line 2, column 'a': expected Number",
            await _import.RefusalAsync(Request("a,b\nq,x\n", new SplitPolicy(), parent))
        );
        var request = Request("a,b\n1,x\n", new SplitPolicy(), parent) with
        {
            ColumnKinds = new Dictionary<string, ColumnKind> { ["a"] = ColumnKind.Text },
        };
        Assert.Equal(
            "Can't append to d@1: column 'a' expected Number, got Text.",
            await _import.RefusalAsync(request)
        );

        var images = Import.Commit(
            await _import.RunAsync(
                _import.File("i", Idx.Images(5)),
                _import.File("l", Idx.Labels(5))
            )
        );
        Assert.Equal(
            "Can't append to d@1: column 'image' expected Image 4x3x1, got Image 4x4x1.",
            await _import.RefusalAsync(
                new DatasetImportRequest
                {
                    Name = "d",
                    Files =
                    [
                        _import.File("i", Idx.Images(5, 4, 4)),
                        _import.File("l", Idx.Labels(5)),
                    ],
                    AppendTo = images,
                }
            )
        );
    }

    [Fact]
    public async Task Appended_integers_stay_numbers_where_the_parent_has_numbers()
    {
        var parent = Import.Commit(await RunAsync("a,b\n1.5,1\n", new SplitPolicy()));
        var second = await RunAsync("a,b\n2,NA\n", new SplitPolicy(), parent);
        Assert.Equal(ColumnKind.Number, second.Schema[0].Kind);
        Assert.True(second.Schema[1].Nullable);
        Assert.Equal([2.0, null], _import.Rows(second)[0][..^1]);
    }

    private DatasetImportRequest Request(
        string text,
        SplitPolicy policy,
        DatasetManifest? parent
    ) =>
        new()
        {
            Name = "d",
            Files = [_import.File("t.csv", text)],
            Splits = policy,
            AppendTo = parent,
        };

    private Task<DatasetImportResult> RunAsync(
        string text,
        SplitPolicy policy,
        DatasetManifest? parent = null
    ) => _import.RunAsync(Request(text, policy, parent));
}
