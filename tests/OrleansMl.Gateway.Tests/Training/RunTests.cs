using System.Text;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Training;

public sealed class RunTests(GatewayCluster cluster)
{
    private static string Yaml(string dataset, string extra = "") =>
        $$"""
            name: Spending model
            model: spending
            dataset: {{dataset}}
            input_features:
              - { name: age, type: number }
            output_features:
              - { name: spent, type: number }
            {{extra}}
            """;

    private static StringContent Body(string yaml) => new(yaml, Encoding.UTF8, "application/yaml");

    private void AddDataset(string name, int versions = 1) =>
        cluster.World.Datasets[name] = [
            .. Enumerable
                .Range(1, versions)
                .Select(version => new DatasetManifest
                {
                    Id = new DatasetVersionId(name, version),
                    Schema = [Number("age"), Number("spent")],
                    Shards = [],
                    Splits = new SplitPolicy(),
                    Statistics =
                    [
                        new SplitStatistics
                        {
                            Split = "train",
                            Rows = 1000,
                            Columns = [Statistics("age"), Statistics("spent")],
                        },
                        new SplitStatistics
                        {
                            Split = "validation",
                            Rows = 100,
                            Columns = [],
                        },
                    ],
                    Rows = 1100,
                    Bytes = 1,
                }),
        ];

    private static DatasetColumn Number(string name) =>
        new() { Name = name, Kind = ColumnKind.Number };

    private static ColumnStatistics Statistics(string name) =>
        new()
        {
            Column = name,
            Count = 1000,
            Mean = 0,
            StandardDeviation = 1,
            Minimum = -1,
            Maximum = 1,
        };

    private void AddRun(
        string id,
        TrainingRunPhase phase = TrainingRunPhase.Succeeded,
        string dataset = "d@1",
        params (string Split, long Examples, double Accuracy)[] scores
    ) =>
        cluster.World.Runs[id] = new TrainingRunSnapshot
        {
            Id = new TrainingRunId(id),
            Spec = new TrainingRunSpec
            {
                Config = "",
                Name = id,
                Model = "m",
                Dataset = DatasetVersionId.Parse(dataset),
                Accelerator = "cpu",
            },
            Phase = phase,
            Evaluations =
            [
                .. scores.Select(score => new Evaluation
                {
                    Split = score.Split,
                    Examples = score.Examples,
                    Metrics = new Dictionary<string, double> { ["accuracy"] = score.Accuracy },
                }),
            ],
        };

    [Fact]
    public async Task A_configuration_becomes_a_queued_run_on_an_exact_dataset_version()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddDataset("rn-data", versions: 2);

        var run = await gateway.SendAsync<TrainingRunSnapshot>(
            HttpMethod.Post,
            "/api/v1/runs?runId=rn-first",
            Body(Yaml("rn-data")),
            202
        );
        var named = await gateway.SendAsync<TrainingRunSnapshot>(
            HttpMethod.Post,
            "/api/v1/runs",
            Body(Yaml("rn-data@1")),
            202
        );

        Assert.Equal("rn-first", run.Id.Value);
        Assert.Equal(TrainingRunPhase.Queued, run.Phase);
        Assert.Equal("rn-data@2", run.Spec.Dataset.ToString());
        Assert.Equal("spending", run.Spec.Model);
        Assert.Equal("rn-data@1", named.Spec.Dataset.ToString());
        Assert.StartsWith("spending-model-", named.Id.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_id_again_is_the_same_run_even_when_latest_has_moved()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddDataset("rn-again");
        const string Path = "/api/v1/runs?runId=rn-again";
        await gateway.SendAsync<TrainingRunSnapshot>(
            HttpMethod.Post,
            Path,
            Body(Yaml("rn-again")),
            202
        );
        AddDataset("rn-again", versions: 2);

        var again = await gateway.SendAsync<TrainingRunSnapshot>(
            HttpMethod.Post,
            Path,
            Body(Yaml("rn-again")),
            202
        );
        await gateway.RefusedAsync(
            HttpMethod.Post,
            Path,
            Body(Yaml("rn-again", "trainer: { epochs: 3 }")),
            409,
            "conflict"
        );

        Assert.Equal(1, again.Spec.Dataset.Version);
    }

    [Fact]
    public async Task Json_with_the_configuration_is_taken_too()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddDataset("rn-json");

        var run = await gateway.SendAsync<TrainingRunSnapshot>(
            HttpMethod.Post,
            "/api/v1/runs",
            TestGateway.Json(new { config = Yaml("rn-json"), runId = "rn-json" }),
            202
        );

        Assert.Equal("rn-json", run.Id.Value);
    }

    [Fact]
    public async Task Every_error_of_a_configuration_has_its_place()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddDataset("rn-errors");

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/runs?runId=rn-errors",
            Body(Yaml("rn-errors", "trainer: { epohcs: 3, batch_size: many }")),
            400,
            "invalid_config"
        );

        Assert.Equal(2, error.Details!.Count);
        Assert.All(error.Details, detail => Assert.Equal(8, detail.Line));
        Assert.Contains(
            error.Details,
            detail =>
                detail.Message.Contains("epohcs", StringComparison.Ordinal)
                && detail.Message.Contains("epochs", StringComparison.Ordinal)
        );
        Assert.Contains(
            error.Details,
            detail => detail.Message.Contains("batch_size", StringComparison.Ordinal)
        );
        Assert.False(cluster.World.Runs.ContainsKey("rn-errors"));
    }

    [Fact]
    public async Task A_configuration_that_does_not_fit_its_data_is_refused_with_its_place()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddDataset("rn-misfit");
        var yaml = Yaml("rn-misfit").Replace("name: age", "name: agee", StringComparison.Ordinal);

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/runs?runId=rn-misfit",
            Body(yaml),
            400,
            "invalid_config"
        );

        Assert.Contains("agee", Assert.Single(error.Details!).Message, StringComparison.Ordinal);
        Assert.Equal(5, error.Details![0].Line);
        Assert.False(cluster.World.Runs.ContainsKey("rn-misfit"));
    }

    [Fact]
    public async Task A_dataset_that_is_not_there_and_a_body_that_is_no_yaml_are_refused()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/runs",
            Body(Yaml("rn-absent@3")),
            404,
            "not_found"
        );
        var bytes = new ByteArrayContent([0x6e, 0xff, 0xfe]);
        bytes.Headers.ContentType = new("application/yaml");
        await gateway.RefusedAsync(HttpMethod.Post, "/api/v1/runs", bytes, 400, "invalid_request");
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/runs",
            new ByteArrayContent([1]),
            415,
            "unsupported_media_type"
        );
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/runs?runId=Bad",
            Body(Yaml("rn-absent")),
            400,
            "invalid_request"
        );

        Assert.Contains("rn-absent@3", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_cancelled_and_resumed_and_a_running_one_is_not_resumed()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddRun("rn-stop", TrainingRunPhase.Running);

        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/runs/rn-stop/resume",
            null,
            409,
            "conflict"
        );
        var cancelled = await gateway.SendAsync<TrainingRunSnapshot>(
            HttpMethod.Post,
            "/api/v1/runs/rn-stop/cancel"
        );
        var resumed = await gateway.SendAsync<TrainingRunSnapshot>(
            HttpMethod.Post,
            "/api/v1/runs/rn-stop/resume"
        );

        Assert.Equal(TrainingRunPhase.Cancelled, cancelled.Phase);
        Assert.Equal(TrainingRunPhase.Queued, resumed.Phase);
    }

    [Fact]
    public async Task Metrics_are_read_by_series()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddRun("rn-metrics");
        gateway.Metrics.Points["rn-metrics"] =
        [
            Points.Of(1, "train"),
            Points.Of(2, "validation"),
            Points.Of(3, "train"),
        ];

        var points = await gateway.GetAsync<MetricPoint[]>(
            "/api/v1/runs/rn-metrics/metrics?series=train"
        );
        await gateway.RefusedAsync(
            HttpMethod.Get,
            "/api/v1/runs/rn-metrics/metrics?series=trian",
            null,
            400,
            "invalid_request"
        );

        Assert.Equal([1, 3], points.Select(point => point.Step));
    }

    [Fact]
    public async Task Runs_on_the_same_rows_are_compared_in_the_asked_order()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddRun("rn-a", scores: [("test", 50, 0.8), ("validation", 10, 0.7)]);
        AddRun("rn-b", scores: [("test", 50, 0.9)]);

        var comparison = await gateway.GetAsync<RunComparison>(
            "/api/v1/runs/compare?ids=rn-b,rn-a"
        );

        Assert.Equal("test", comparison.Split);
        Assert.Equal("d@1", comparison.Dataset.ToString());
        Assert.Equal([0.9, 0.8], comparison.Runs.Select(run => run.Metrics["accuracy"]));
    }

    [Fact]
    public async Task Runs_on_different_rows_are_not_compared_and_the_error_says_which()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddRun("rn-c", scores: [("test", 50, 0.8)]);
        AddRun("rn-other", dataset: "d@2", scores: [("test", 50, 0.8)]);
        AddRun("rn-unscored", TrainingRunPhase.Running);
        AddRun("rn-fewer", scores: [("test", 49, 0.8)]);

        foreach (
            var (id, named) in new[]
            {
                ("rn-other", "d@2"),
                ("rn-unscored", "Running"),
                ("rn-fewer", "49"),
            }
        )
        {
            var error = await gateway.RefusedAsync(
                HttpMethod.Get,
                $"/api/v1/runs/compare?ids=rn-c,{id}",
                null,
                409,
                "not_comparable"
            );
            Assert.Contains(id, error.Error, StringComparison.Ordinal);
            Assert.Contains(named, error.Error, StringComparison.Ordinal);
        }
    }
}
