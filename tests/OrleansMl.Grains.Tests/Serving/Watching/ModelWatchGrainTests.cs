using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Grains.Serving.Watching;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Watching;

public sealed class ModelWatchGrainTests
{
    private static readonly float[] Digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    [Fact]
    public async Task Calls_by_all_silos_are_counted_once_beside_the_training_data()
    {
        await using var watched = await WatchedCluster.StartAsync(WatchedCluster.Policy, silos: 2);
        await watched.CallAsync(Digits, silo: 0);
        await watched.CallAsync([.. Digits, .. Digits], silo: 1);
        for (var i = 0; i < 3; i++)
        {
            // A report that is repeated changes nothing.
            await watched.ReportAsync(0);
            await watched.ReportAsync(1);
        }

        var version = Assert.Single((await watched.Watch.GetAsync(GrainCluster.Cancel)).Versions);

        Assert.Equal(new DatasetVersionId("numbers", 1), version.Reference);
        Assert.Equal(30, version.Total.Rows);
        var x = version.Total.Features[0];
        Assert.Equal(60, x.Count);
        Assert.Equal(4.5, x.Mean!.Value, 1e-9);
        Assert.Equal(0, x.Measures[WatchMeasure.Psi], 1e-9);
        Assert.Equal(60, x.Histogram.Sum(bin => bin.Count));
        Assert.Equal("y", version.Total.Features[1].Name);
    }

    [Fact]
    public async Task Drift_raises_an_alert_that_is_durable_published_once_and_cleared_again()
    {
        await using var watched = await WatchedCluster.StartAsync(WatchedCluster.Policy);
        watched.Port.Fault = new UnavailableException("no database");
        await watched.CallAsync(Enumerable.Repeat(9f, 20));
        await watched.ReportAsync();
        await watched.CloseAsync(() => watched.HasAlertsAsync(1, 1));

        var raised = Assert.Single(await watched.Watch.GetAlertsAsync(GrainCluster.Cancel));
        Assert.Equal("moved", raised.Rule);
        Assert.Null(raised.ClearedAt);
        Assert.True(raised.Value > 0.5);
        Assert.Empty(watched.Port.Events);

        // What could not be published is, by the next activation.
        await watched.Cluster.DeactivateAsync(watched.Watch);
        watched.Port.Fault = null;
        Assert.Equivalent(
            raised,
            Assert.Single(await watched.Watch.GetAlertsAsync(GrainCluster.Cancel))
        );
        await watched.CloseAsync(() => Task.FromResult(!watched.Port.Events.IsEmpty));
        var message = Assert.Single(watched.Port.Events.Values);
        Assert.Equal("alert.raised", message.Type);
        Assert.Equal("churn", message.Key);
        var told = JsonSerializer.Deserialize<AlertSnapshot>(
            message.Data.Span,
            ContractsJson.Options
        )!;
        Assert.Equal(raised.Id, told.Id);

        await watched.CallAsync([.. Digits, .. Digits]);
        await watched.ReportAsync();
        await watched.CloseAsync(() => Task.FromResult(watched.Port.Events.Count == 2));
        var cleared = Assert.Single(await watched.Watch.GetAlertsAsync(GrainCluster.Cancel));
        Assert.NotNull(cleared.ClearedAt);
        Assert.Equal(2, watched.Port.Events.Count);
        Assert.Empty((await watched.Watch.GetAsync(GrainCluster.Cancel)).Alerts);
    }

    [Fact]
    public async Task Counts_survive_the_grains_end_whether_their_window_was_closed_or_not()
    {
        await using var watched = await WatchedCluster.StartAsync(WatchedCluster.Policy);
        await watched.CallAsync(Digits);
        await watched.ReportAsync();
        await watched.CloseAsync(() =>
            Task.FromResult(watched.Cluster.Storage.SizeOf("model-watch/churn") > 0)
        );
        await watched.CallAsync(Digits);
        await watched.ReportAsync();

        await watched.Cluster.DeactivateAsync(watched.Watch);
        await watched.ReportAsync();

        var version = Assert.Single((await watched.Watch.GetAsync(GrainCluster.Cancel)).Versions);
        Assert.Equal(20, version.Total.Rows);
        Assert.Equal([10, 10], version.Windows.Select(w => w.Rows));
    }

    [Fact]
    public async Task A_window_whose_write_fails_is_closed_by_the_next_try_with_the_same_counts()
    {
        foreach (var afterTheWrite in new[] { false, true })
        {
            await using var watched = await WatchedCluster.StartAsync(WatchedCluster.Policy);
            await watched.CallAsync(Enumerable.Repeat(9f, 20));
            await watched.ReportAsync();
            watched.Cluster.Faults.Arm(1, afterTheWrite, only: "state model-watch");
            await watched.CloseAsync(() => Task.FromResult(watched.Cluster.Faults.Struck));
            await watched.ReportAsync();
            await watched.CloseAsync(() => Task.FromResult(!watched.Port.Events.IsEmpty));

            var watch = await watched.Watch.GetAsync(GrainCluster.Cancel);
            Assert.Equal(20, Assert.Single(watch.Versions).Total.Rows);
            Assert.Single(watch.Alerts);
            Assert.Single(watched.Port.Events);
        }
    }

    [Fact]
    public async Task Outliers_are_counted_and_shown()
    {
        await using var watched = await WatchedCluster.StartAsync(WatchedCluster.Policy);
        await watched.CallAsync([.. Digits, 1_000]);
        await watched.ReportAsync();

        var version = Assert.Single((await watched.Watch.GetAsync(GrainCluster.Cancel)).Versions);
        Assert.Equal(1, version.Total.Outliers);
        Assert.Equal("1000", Assert.Single(version.Outliers).Value);
    }

    [Fact]
    public async Task Other_bins_begin_counting_anew_and_without_the_section_nothing_is_counted()
    {
        await using var watched = await WatchedCluster.StartAsync(WatchedCluster.Policy);
        await watched.CallAsync(Digits);
        await watched.ReportAsync();
        await watched.SetAsync(WatchedCluster.Policy with { Bins = 4 });
        // The silo's counts are by the old bins.
        await watched.ReportAsync();
        await watched.CallAsync([1, 2]);
        await watched.ReportAsync();

        var version = Assert.Single((await watched.Watch.GetAsync(GrainCluster.Cancel)).Versions);
        Assert.Equal(2, version.Total.Rows);
        Assert.Equal(4, version.Total.Features[0].Histogram.Count);

        await watched.SetAsync(null);
        await watched.CallAsync(Digits);
        var refused = await Assert.ThrowsAsync<NotFoundException>(() =>
            watched.Watch.GetAsync(GrainCluster.Cancel)
        );
        Assert.Contains("not watched", refused.Message);
    }

    [Fact]
    public async Task Sampled_calls_become_versions_of_a_data_set_and_wait_while_they_cannot()
    {
        await using var watched = await WatchedCluster.StartAsync(
            WatchedCluster.Policy with
            {
                Payloads = new PayloadPolicy { Sample = 1 },
            }
        );
        var payloads = watched.Services(0).GetRequiredService<PayloadLog>();
        await watched.CallAsync(Digits);
        await watched.ReportAsync();
        watched.Port.Fault = new IOException("disk full");
        await payloads.FlushAsync(all: true, GrainCluster.Cancel);
        watched.Port.Fault = null;
        await payloads.FlushAsync(all: true, GrainCluster.Cancel);
        await watched.CallAsync([1, 2, 3]);
        await watched.ReportAsync();
        await payloads.FlushAsync(all: true, GrainCluster.Cancel);
        await payloads.FlushAsync(all: true, GrainCluster.Cancel);

        var dataset = (
            await watched.Cluster.Dataset("churn-payloads").GetAsync(GrainCluster.Cancel)
        )!;
        Assert.Equal(2, dataset.LatestVersion);
        Assert.Equal(13, dataset.Latest!.Rows);
        Assert.Equal(1, dataset.Latest.Parent);
        Assert.Equal([10, 3], watched.Port.Batches.Select(b => b.Rows));
        Assert.Equal("calls of model churn", dataset.Latest.Source);
    }

    [Fact]
    public async Task A_payload_data_set_that_is_full_is_begun_afresh_and_its_oldest_versions_go()
    {
        await using var watched = await WatchedCluster.StartAsync(
            WatchedCluster.Policy with
            {
                Payloads = new PayloadPolicy
                {
                    Sample = 1,
                    MaxRows = 15,
                    KeptVersions = 2,
                },
            }
        );
        var payloads = watched.Services(0).GetRequiredService<PayloadLog>();
        for (var part = 0; part < 4; part++)
        {
            await watched.CallAsync([1, 2, 3, 4, 5, 6, 7]);
            await watched.ReportAsync();
            await payloads.FlushAsync(all: true, GrainCluster.Cancel);
        }

        var dataset = (
            await watched.Cluster.Dataset("churn-payloads").GetAsync(GrainCluster.Cancel)
        )!;
        Assert.Equal(14, dataset.Latest!.Rows);
        Assert.Equal(3, dataset.Latest.Parent);
        Assert.Equal([2, 3, 4], dataset.Versions);
    }

    [Fact]
    public async Task A_full_queue_drops_copies_and_never_a_call()
    {
        await using var watched = await WatchedCluster.StartAsync(
            WatchedCluster.Policy with
            {
                Payloads = new PayloadPolicy { Sample = 1, MaxBufferedBytes = 64 << 10 },
            }
        );
        // A row takes some 200 bytes beside its tensors: some 300 fit.
        await watched.CallAsync(Enumerable.Repeat(1f, 600));
        await watched.ReportAsync();
        await watched
            .Services(0)
            .GetRequiredService<PayloadLog>()
            .FlushAsync(all: true, GrainCluster.Cancel);

        Assert.InRange(watched.Port.Batches.Sum(b => b.Rows), 100, 599);
        var version = Assert.Single((await watched.Watch.GetAsync(GrainCluster.Cancel)).Versions);
        Assert.InRange(version.Total.Rows, 1, 600);
    }
}
