using System.Text.Json;
using OrleansMl.Client.Tests;

namespace OrleansMl.Cli.Tests.Models;

public sealed class TrafficCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static object Traffic() =>
        new
        {
            model = "fashion",
            experiment = 3,
            since = "2026-01-01T00:00:00Z",
            policy = new { split = Array.Empty<object>() },
            arms = new[]
            {
                new
                {
                    version = 7,
                    requests = 1200,
                    errors = 2,
                    meanSeconds = 0.0125,
                },
            },
            canary = new
            {
                phase = "running",
                stable = 6,
                candidate = 7,
                step = 1,
                share = 0.1,
                since = "2026-01-01T00:00:00Z",
            },
            decisions = new[]
            {
                new
                {
                    at = "2026-01-01T00:00:00Z",
                    experiment = 3,
                    kind = "step",
                    reason = "held long enough",
                    by = "canary",
                },
            },
        };

    [Fact]
    public async Task Traffic_is_shown_with_figures_canary_and_decisions()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/models/fashion/traffic", Traffic());

        var run = await CliRun.Of(gateway, "model", "traffic", "show", "fashion");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Matches("7 +1,200 +2 +12.5 ms", run.Out);
        Assert.Contains("canary 7 beside 6", run.Out);
        Assert.Contains("step: held long enough (canary)", run.Out);
    }

    [Fact]
    public async Task A_split_replaces_the_traffic_alone_and_only_what_was_read()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "GET",
            "/api/v1/models/fashion/serving",
            new
            {
                model = "fashion",
                revision = 4,
                policy = new { batching = new { maxBatchSize = 16 } },
            }
        );
        gateway.OnJson(
            "PUT",
            "/api/v1/models/fashion/serving",
            new
            {
                model = "fashion",
                revision = 5,
                policy = new { },
            }
        );

        var run = await CliRun.Of(
            gateway,
            "model",
            "traffic",
            "set",
            "fashion",
            "--split",
            "champion=9",
            "--split",
            "7=1.5"
        );

        Assert.Equal((0, ""), (run.Code, run.Error));
        var sent = JsonSerializer.Deserialize<JsonElement>(
            gateway.Requests.Single(r => r.Method == "PUT").Text
        );
        Assert.Equal(4, sent.GetProperty("expected").GetInt64());
        var policy = sent.GetProperty("policy");
        Assert.Equal(16, policy.GetProperty("batching").GetProperty("maxBatchSize").GetInt32());
        Assert.Equal(
            ["champion=9", "7=1.5"],
            policy
                .GetProperty("traffic")
                .GetProperty("split")
                .EnumerateArray()
                .Select(s => $"{s.GetProperty("version")}={s.GetProperty("weight")}")
        );
    }

    [Theory]
    [InlineData("champion")]
    [InlineData("=3")]
    [InlineData("champion=much")]
    public async Task A_share_that_is_none_is_named(string share)
    {
        await using var gateway = await FakeGateway.StartAsync();

        var run = await CliRun.Of(gateway, "model", "traffic", "set", "fashion", "--split", share);

        Assert.Equal(2, run.Code);
        Assert.Contains($"'{share}' is not a share", run.Error);
        Assert.Empty(gateway.Requests);
    }

    [Fact]
    public async Task A_canary_of_a_file_is_sent_and_rolled_back_with_a_reason()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var file = Path.Combine(_folder, "canary.json");
        await File.WriteAllTextAsync(
            file,
            """{"traffic":{"canary":{"version":"latest","alias":"champion","steps":[0.1,1]}}}""",
            TestContext.Current.CancellationToken
        );
        var policy = new
        {
            model = "fashion",
            revision = 0,
            policy = new { },
        };
        gateway
            .OnJson("GET", "/api/v1/models/fashion/serving", policy)
            .OnJson("PUT", "/api/v1/models/fashion/serving", policy)
            .OnJson("POST", "/api/v1/models/fashion/traffic/canary", Traffic());

        var set = await CliRun.Of(
            gateway,
            "model",
            "traffic",
            "set",
            "fashion",
            "--file",
            file,
            "--force"
        );
        var back = await CliRun.Of(
            gateway,
            "model",
            "traffic",
            "rollback",
            "fashion",
            "--reason",
            "slow",
            "--json"
        );

        Assert.Equal((0, 0), (set.Code, back.Code));
        Assert.Contains("\"force\":true", gateway.Requests.Single(r => r.Method == "PUT").Text);
        var moved = gateway.Requests.Single(r => r.Method == "POST").Text;
        Assert.Contains("\"action\":\"rollBack\"", moved);
        Assert.Contains("\"reason\":\"slow\"", moved);
    }

    [Fact]
    public async Task Feedback_goes_in_batches_and_its_counts_are_summed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/models/fashion/feedback",
            new
            {
                counted = 2,
                repeated = 1,
                late = 0,
            }
        );
        var outcomes = JsonSerializer.Serialize(
            Enumerable
                .Range(0, 1001)
                .Select(i => new
                {
                    version = 7,
                    id = $"o{i}",
                    value = 1,
                })
        );

        var run = await CliRun.Of(
            gateway,
            outcomes,
            false,
            TestContext.Current.CancellationToken,
            "feedback",
            "fashion",
            "--file",
            "-"
        );

        Assert.Equal("4 counted, 2 told before, 0 late\n", run.Out);
        Assert.Equal(
            [1000, 1],
            gateway.Requests.Select(r =>
                JsonSerializer
                    .Deserialize<JsonElement>(r.Text)
                    .GetProperty("outcomes")
                    .GetArrayLength()
            )
        );
    }

    [Fact]
    public async Task Versions_are_listed_loaded_let_go_and_measured()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var duration = new { count = 4, ns = 8_000_000 };
        gateway
            .OnJson(
                "POST",
                "/v2/repository/index",
                new[]
                {
                    new
                    {
                        name = "fashion",
                        version = "3",
                        state = "UNAVAILABLE",
                        reason = "unloaded",
                    },
                }
            )
            .OnJson("POST", "/v2/repository/models/fashion/load", new { })
            .OnJson("POST", "/v2/repository/models/fashion/unload", new { })
            .OnJson(
                "GET",
                "/v2/models/fashion/stats",
                new
                {
                    model_stats = new[]
                    {
                        new
                        {
                            name = "fashion",
                            version = "3",
                            last_inference = 1,
                            inference_count = 8,
                            execution_count = 2,
                            inference_stats = new
                            {
                                success = duration,
                                fail = duration,
                                queue = duration,
                                compute_input = duration,
                                compute_infer = duration,
                                compute_output = duration,
                                cache_hit = duration,
                                cache_miss = duration,
                            },
                            batch_stats = Array.Empty<object>(),
                        },
                    },
                }
            );

        var index = await CliRun.Of(gateway, "model", "index", "--ready");
        var load = await CliRun.Of(gateway, "model", "load", "fashion@3");
        var unload = await CliRun.Of(gateway, "model", "unload", "fashion");
        var stats = await CliRun.Of(gateway, "model", "stats", "fashion");

        Assert.Equal((0, 0, 0, 0), (index.Code, load.Code, unload.Code, stats.Code));
        Assert.Matches("fashion@3 +UNAVAILABLE +unloaded", index.Out);
        Assert.Matches("fashion@3 +4 +4 +8 +2 +4 +2 ms +2 ms +2 ms", stats.Out);
        Assert.Equal(
            ["""{"ready":true}""", """{"parameters":{"version":"3"}}""", "{}"],
            gateway.Requests.Where(r => r.Method == "POST").Select(r => r.Text)
        );
    }

    [Fact]
    public async Task A_policy_that_is_shown_can_be_given_back()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var policy = new
        {
            model = "fashion",
            revision = 2,
            policy = new { batching = new { maxBatchSize = 16 } },
        };
        gateway
            .OnJson("GET", "/api/v1/models/fashion/serving", policy)
            .OnJson("PUT", "/api/v1/models/fashion/serving", policy);
        var file = Path.Combine(_folder, "policy.json");

        var shown = await CliRun.Of(gateway, "model", "serving", "fashion");
        await File.WriteAllTextAsync(file, shown.Out, TestContext.Current.CancellationToken);
        var set = await CliRun.Of(gateway, "model", "serving", "fashion", file, "--expected", "2");

        Assert.Equal((0, 0), (shown.Code, set.Code));
        var sent = JsonSerializer.Deserialize<JsonElement>(
            gateway.Requests.Single(r => r.Method == "PUT").Text
        );
        Assert.Equal(2, sent.GetProperty("expected").GetInt64());
        Assert.Equal(
            16,
            sent.GetProperty("policy")
                .GetProperty("batching")
                .GetProperty("maxBatchSize")
                .GetInt32()
        );
    }
}
