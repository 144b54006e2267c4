using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class ScheduleTests(GatewayCluster cluster)
{
    private static readonly FakeTimeProvider Time = new(
        new DateTimeOffset(2026, 3, 28, 0, 0, 0, TimeSpan.Zero)
    );

    [Fact]
    public async Task A_schedule_is_set_shown_previewed_paused_run_and_deleted()
    {
        await using var gateway = await TestGateway.StartAsync(cluster, time: Time);
        Add("sa");
        var body =
            "{cron: '30 2 * * *', time_zone: Europe/Berlin, batch: {model: sa, dataset: sa-rows}}";

        var set = await PutAsync(gateway, "/api/v1/schedules/sa-nightly?expected=0", body);
        await RefusedAsync(gateway, "/api/v1/schedules/sa-nightly?expected=0", body, 409);
        var shown = await gateway.GetAsync<BatchScheduleSnapshot>("/api/v1/schedules/sa-nightly");
        var next = await gateway.GetAsync<SchedulePreview>(
            "/api/v1/schedules/sa-nightly/next?count=2"
        );
        var paused = await PostAsync<BatchScheduleSnapshot>(gateway, "sa-nightly/pause");
        var resumed = await PostAsync<BatchScheduleSnapshot>(gateway, "sa-nightly/resume");
        var run = await PostAsync<ScheduleFiring>(gateway, "sa-nightly/run?commandId=c", 202);
        using var deleted = await gateway.Http.DeleteAsync(
            new Uri("/api/v1/schedules/sa-nightly", UriKind.Relative),
            TestContext.Current.CancellationToken
        );

        Assert.Equal((1L, "local"), (set.Revision, set.Spec.SetBy));
        Assert.Equal(("sa", "sa-rows"), (shown.Spec.Batch.Model, shown.Spec.Batch.Dataset));
        Assert.Equal(
            [
                new DateTimeOffset(2026, 3, 28, 1, 30, 0, TimeSpan.Zero),
                new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero),
            ],
            next.Next
        );
        Assert.Equal((true, false), (paused.Spec.Paused, resumed.Spec.Paused));
        Assert.Equal("sa-nightly-run-c", run.Job);
        Assert.Equal(204, (int)deleted.StatusCode);
        await gateway.SendAsync<JsonElement>(
            HttpMethod.Get,
            "/api/v1/schedules/sa-nightly",
            status: 404
        );
    }

    [Theory]
    [InlineData("{cron: '@daily', batch: {model: sb, dataset: absent}}", 404)]
    [InlineData("{cron: '@daily', batch: {model: absent, dataset: sb-rows}}", 404)]
    [InlineData("{cron: '@daily', batch: {model: sb, dataset: sb-rows, keep: [y]}}", 400)]
    [InlineData("{cron: '@daily', batch: {model: sb}}", 400)]
    [InlineData("{cron: 'x', batch: {model: sb, dataset: sb-rows}}", 400)]
    public async Task What_can_not_be_run_or_read_is_neither_valid_nor_set(string body, int status)
    {
        await using var gateway = await TestGateway.StartAsync(cluster, time: Time);
        Add("sb");

        await gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            "/api/v1/schedules/validate",
            Text(body),
            status
        );
        if (!body.Contains('x', StringComparison.Ordinal))
            await RefusedAsync(gateway, "/api/v1/schedules/sb-nightly", body, status);
    }

    [Fact]
    public async Task A_valid_schedule_tells_when_it_would_fire_and_is_not_set()
    {
        await using var gateway = await TestGateway.StartAsync(cluster, time: Time);
        Add("sc");

        var preview = await gateway.SendAsync<SchedulePreview>(
            HttpMethod.Post,
            "/api/v1/schedules/validate?count=3",
            Text("{cron: '0 12 * * *', batch: {model: sc, dataset: sc-rows}}")
        );

        Assert.Equal([28, 29, 30], preview.Next.Select(time => time.Day));
        await gateway.SendAsync<JsonElement>(
            HttpMethod.Get,
            "/api/v1/schedules/schedule",
            status: 404
        );
    }

    private static Task<BatchScheduleSnapshot> PutAsync(
        TestGateway gateway,
        string path,
        string body
    ) => gateway.SendAsync<BatchScheduleSnapshot>(HttpMethod.Put, path, Text(body));

    private static Task<JsonElement> RefusedAsync(
        TestGateway gateway,
        string path,
        string body,
        int status
    ) => gateway.SendAsync<JsonElement>(HttpMethod.Put, path, Text(body), status);

    private static Task<T> PostAsync<T>(TestGateway gateway, string path, int status = 200) =>
        gateway.SendAsync<T>(HttpMethod.Post, $"/api/v1/schedules/{path}", status: status);

    private void Add(string name)
    {
        cluster.World.Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = 1,
            Aliases = new Dictionary<string, int>(),
        };
        cluster.World.Versions[$"{name}@1"] = new ModelVersionSnapshot
        {
            Id = new ModelVersionId(name, 1),
            Onnx = ArtifactId.Of(Encoding.UTF8.GetBytes(name)),
            Signature = new ModelSignature { Inputs = [Tensor("x")], Outputs = [Tensor("y")] },
            Lineage = new ModelLineage(),
        };
        cluster.World.Datasets[$"{name}-rows"] =
        [
            new DatasetManifest
            {
                Id = new DatasetVersionId($"{name}-rows", 1),
                Schema = [new DatasetColumn { Name = "x", Kind = ColumnKind.Number }],
                Shards = [],
                Splits = new SplitPolicy(),
                Statistics = [],
                Rows = 100,
                Bytes = 1,
            },
        ];
    }

    private static TensorSignature Tensor(string name) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = [-1],
        };

    private static StringContent Text(string yaml) => new(yaml, Encoding.UTF8, "application/yaml");
}
