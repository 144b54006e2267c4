using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Tests.Operations;

public sealed class StatusCommandTests
{
    private static readonly ClusterStatus Status = new()
    {
        ClusterId = "oml",
        Version = "0.1.0",
        Silos =
        [
            new SiloSnapshot
            {
                Name = "silo-1",
                Address = "127.0.0.1:1",
                Status = "Active",
                Roles = ["gateway", "train"],
                MemoryBytes = 3L << 30,
            },
        ],
        Pool = new TrainingPoolSnapshot
        {
            Slots =
            [
                new SlotSnapshot
                {
                    Slot = "silo-1/cpu:0",
                    Accelerator = "cpu",
                    Run = new TrainingRunId("r7"),
                    Attempt = 2,
                },
            ],
            Queue = [new TrainingRunId("r8")],
            QueueLimit = 1000,
        },
        Runs = new Dictionary<string, long> { ["running"] = 1, ["queued"] = 1 },
        Datasets = 4,
        Models = 2,
        ModelVersions = 9,
    };

    [Fact]
    public async Task Plain_output_has_no_lines_and_no_colours()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/status", Status);

        var run = await CliRun.Of(gateway, "status");

        Assert.Equal(0, run.Code);
        Assert.Contains("silo-1/cpu:0", run.Out);
        Assert.Contains("3.0 GiB", run.Out);
        Assert.Contains(
            "queue 1 of 1000; runs: 1 running, 1 queued; 4 datasets, 2 models, 9 versions",
            run.Out
        );
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.DoesNotContain('│', run.Out);
    }

    [Fact]
    public async Task A_terminal_gets_tables()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/status", Status);

        var run = await CliRun.Of(
            gateway,
            "",
            terminal: true,
            TestContext.Current.CancellationToken,
            "status"
        );

        Assert.Contains('│', run.Out);
        Assert.Contains("silo-1", run.Out);
    }

    [Fact]
    public async Task Json_is_the_gateways_own()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/status", Status);

        var run = await CliRun.Of(gateway, "status", "--json");

        Assert.Equal("silo-1", run.Json.GetProperty("silos")[0].GetProperty("name").GetString());
        Assert.Equal(9, run.Json.GetProperty("modelVersions").GetInt64());
    }
}
