using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Tests.Serving.Watching;

public sealed class VersionCounterTests
{
    [Fact]
    public void A_profile_bins_numbers_evenly_and_knows_the_references_categories()
    {
        var profile = WatchWorld.Profile(new WatchPolicy { Bins = 4 });

        var age = profile.Features[0];
        Assert.Equal(3, age.Edges.Count);
        Assert.Equal(1_000, age.Expected.Sum());
        Assert.All(age.Expected, n => Assert.InRange(n, 200, 300));
        // Ends of bins are values of the data, so that the counts at or below them are exact.
        Assert.Equal(10 * ((long)age.Edges[0] + 1), age.Expected[0]);
        var city = profile.Features[1];
        Assert.Equal(["Oslo", "Bergen", "(other)", "(unseen)"], city.Categories);
        Assert.Equal([600, 400, 0, 0], city.Expected);
        Assert.True(profile.Features[2].IsOutput);
        Assert.Equal(["false", "true", "(other)", "(unseen)"], profile.Features[2].Categories);
        Assert.Empty(profile.Problems);
    }

    [Fact]
    public void Calls_like_the_training_data_measure_next_to_nothing_and_others_much()
    {
        var profile = WatchWorld.Profile();
        var alike = new VersionCounter(profile, 4);
        var older = new VersionCounter(profile, 4);
        for (var i = 0; i < 1_000; i++)
        {
            var city = i % 10 < 6 ? "Oslo" : "Bergen";
            alike.Add(WatchWorld.Call(i % 100, city, i % 10 == 0), null);
            older.Add(WatchWorld.Call(50 + (i % 50), i % 2 == 0 ? city : null), null);
        }

        var same = WatchMeasures.Of(profile.Features[0], Counts(alike).Features[0]);
        var moved = WatchMeasures.Of(profile.Features[0], Counts(older).Features[0]);
        var missing = WatchMeasures.Of(profile.Features[1], Counts(older).Features[1]);

        Assert.Equal(0, same[WatchMeasure.Psi], 1e-9);
        Assert.Equal(0, same[WatchMeasure.JensenShannon], 1e-6);
        Assert.True(moved[WatchMeasure.Psi] > 1, $"{moved[WatchMeasure.Psi]}");
        Assert.Equal(0.5, missing[WatchMeasure.MissingDifference], 1e-9);
    }

    [Fact]
    public void Counts_of_two_silos_together_are_those_of_one_that_saw_all()
    {
        var profile = WatchWorld.Profile();
        var all = new VersionCounter(profile, 4);
        var parts = new[] { new VersionCounter(profile, 4), new VersionCounter(profile, 4) };
        for (var i = 0; i < 500; i++)
        {
            var call = WatchWorld.Call(i % 7 == 0 ? float.NaN : i, i % 3 == 0 ? "Rome" : "Oslo");
            all.Add(call, null);
            parts[i % 2].Add(call, null);
        }

        var sum = WatchCounts.Sum(parts.Select(Counts))!;

        Assert.Equivalent(Counts(all), sum, strict: true);
        Assert.Equal(500, sum.Rows);
        Assert.Equal(72, sum.Features[0].Missing);
        Assert.Equal(167, sum.Features[1].Bins[^1]);
    }

    [Fact]
    public void A_call_counts_in_the_window_it_was_answered_in_until_that_is_durable()
    {
        var profile = WatchWorld.Profile(new WatchPolicy { WindowSeconds = 60 });
        var counter = new VersionCounter(profile, 4);
        var first = profile.WindowOf(WatchWorld.Now);
        counter.Add(WatchWorld.Call(1), null);
        counter.Add(WatchWorld.Call(1, at: WatchWorld.Now.AddMinutes(1)), null);

        Assert.Equal([first, first + 1], Windows(counter));
        counter.DropThrough(first);
        Assert.Equal([first + 1], Windows(counter));
        // Too late for its own window: it counts in the next, and no call is lost.
        counter.Add(WatchWorld.Call(1), null);
        Assert.Equal([first + 1], Windows(counter));
        Assert.Equal(2, Counts(counter).Rows);
        counter.DropThrough(first + 1);
        Assert.Null(counter.Report("s"));
    }

    [Fact]
    public void A_silo_that_cannot_report_holds_no_more_windows_than_it_may()
    {
        var profile = WatchWorld.Profile(new WatchPolicy { WindowSeconds = 60 });
        var counter = new VersionCounter(profile, 3);
        for (var minute = 0; minute < 10; minute++)
            counter.Add(WatchWorld.Call(1, at: WatchWorld.Now.AddMinutes(minute)), null);

        var first = profile.WindowOf(WatchWorld.Now);
        Assert.Equal([first + 7, first + 8, first + 9], Windows(counter));
    }

    [Fact]
    public void Outliers_are_numbers_far_off_categories_never_seen_and_values_that_were_never_missing()
    {
        var profile = WatchWorld.Profile();
        var counter = new VersionCounter(profile, 4);
        var policy = new OutlierPolicy { Threshold = 5 };

        var found = counter.Add(
            WatchWorld.Call(
                [50, 500, float.NaN, 20, 60],
                ["Oslo", "Oslo", "Oslo", "Rome", "Bergen"],
                new bool[5],
                "r1"
            ),
            policy
        );

        Assert.Equal(3, found);
        var report = counter.Report("s")!;
        Assert.Equal(3, report.Windows[0].Outliers);
        Assert.Equal([1, 2, 3], report.Outliers.Select(o => o.Row));
        Assert.Equal(["age", "age", "city"], report.Outliers.Select(o => o.Feature));
        Assert.Equal(["500", null, "Rome"], report.Outliers.Select(o => o.Value));
        Assert.NotNull(report.Outliers[0].Score);
        Assert.Null(report.Outliers[2].Score);
        Assert.All(report.Outliers, o => Assert.Equal("r1", o.CallId));
    }

    [Fact]
    public void An_imported_model_is_compared_with_the_columns_that_its_policy_names()
    {
        var imported = WatchWorld.Version with { Lineage = new ModelLineage { Source = "a file" } };
        var unknown = ProfileBuilder.Build(imported, null, new WatchPolicy());
        Assert.Contains("watch.reference", Assert.Single(unknown.Problems));
        Assert.All(unknown.Features, f => Assert.Empty(f.Expected));

        imported = imported with
        {
            Signature = imported.Signature with
            {
                Inputs = [imported.Signature.Inputs[0] with { Name = "x" }],
            },
        };
        var named = ProfileBuilder.Build(
            imported,
            WatchWorld.People,
            new WatchPolicy { Columns = new Dictionary<string, string> { ["x"] = "age" } }
        );
        Assert.NotEmpty(named.Features[0].Expected);
        Assert.Empty(named.Problems);
    }

    [Fact]
    public void Pixels_are_counted_on_the_scale_of_the_data_sets_statistics()
    {
        var version = WatchWorld.Version with
        {
            Signature = new ModelSignature
            {
                Inputs =
                [
                    new TensorSignature
                    {
                        Name = "image",
                        Datatype = "UINT8",
                        Shape = [-1, 2, 2, 1],
                    },
                ],
                Outputs = [],
            },
        };
        var people = WatchWorld.People with
        {
            Schema =
            [
                new DatasetColumn
                {
                    Name = "image",
                    Kind = ColumnKind.Image,
                    Shape = [2, 2, 1],
                },
            ],
            Statistics =
            [
                new SplitStatistics
                {
                    Split = "train",
                    Rows = 10,
                    Columns =
                    [
                        new ColumnStatistics
                        {
                            Column = "image",
                            Count = 10,
                            Quantiles =
                            [
                                new QuantilePoint { Value = 0, Rank = 20 },
                                new QuantilePoint { Value = 1, Rank = 40 },
                            ],
                        },
                    ],
                },
            ],
        };
        var profile = ProfileBuilder.Build(version, people, new WatchPolicy());
        var counter = new VersionCounter(profile, 2);
        counter.Add(
            WatchWorld.Call(1) with
            {
                Inputs = [WatchWorld.Data("image", "UINT8", [0, 0, 0, 255], 1, 2, 2, 1)],
                Outputs = [],
            },
            null
        );

        var counts = Counts(counter).Features[0];
        Assert.Equal([3, 1], counts.Bins);
        Assert.Equal(1, counts.Maximum);
        Assert.Equal(
            0.25,
            WatchMeasures.Of(profile.Features[0], counts)[WatchMeasure.LInfinity],
            1e-12
        );
    }

    private static WindowCounts Counts(VersionCounter counter) =>
        Assert.Single(counter.Report("s")!.Windows);

    private static IEnumerable<long> Windows(VersionCounter counter) =>
        counter.Report("s")!.Windows.Select(w => w.Window);
}
