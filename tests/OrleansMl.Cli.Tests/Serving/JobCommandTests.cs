using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Cli.Tests.Serving;

public sealed class JobCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_batch_is_submitted_under_one_id_and_followed_to_its_end()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("POST", "/api/v1/jobs", Job(InferenceJobPhase.Queued, 0), 202);
        var calls = 0;
        gateway.On(
            "GET",
            "/api/v1/jobs/j",
            (context, _) =>
                context.Response.WriteAsJsonAsync(
                    calls++ == 0
                        ? Job(InferenceJobPhase.Running, 40)
                        : Job(InferenceJobPhase.Succeeded, 100),
                    OrleansMl.Contracts.ContractsJson.Options,
                    TestContext.Current.CancellationToken
                )
        );
        var file = Path.Combine(_folder, "batch.yaml");
        await File.WriteAllTextAsync(
            file,
            "model: m\ndataset: d\n",
            TestContext.Current.CancellationToken
        );

        var run = await CliRun.Of(gateway, "batch", file, "--follow");

        Assert.Equal(0, run.Code);
        Assert.Contains("job j is running, 40 of 100 rows", run.Out);
        Assert.Contains("made scored@1", run.Out);
        var requests = gateway.Requests.ToList();
        Assert.StartsWith("?jobId=", requests[0].Query);
        Assert.Equal("model: m\ndataset: d\n", requests[0].Text);
        Assert.Equal("?seen=40", requests[2].Query);
    }

    [Fact]
    public async Task A_failed_job_exits_as_failed_and_a_result_that_is_not_there_as_conflict()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "GET",
            "/api/v1/jobs/j",
            Job(InferenceJobPhase.Failed, 3) with
            {
                Error = "no such column",
            }
        );

        var watch = await CliRun.Of(gateway, "job", "watch", "j");
        var result = await CliRun.Of(gateway, "job", "result", "j", _folder);

        Assert.Equal(1, watch.Code);
        Assert.Contains("no such column", watch.Out);
        Assert.Equal(4, result.Code);
    }

    private static InferenceJobSnapshot Job(InferenceJobPhase phase, long done) =>
        new()
        {
            Id = "j",
            Phase = phase,
            Revision = done,
            RowsDone = done,
            ResultDataset =
                phase is InferenceJobPhase.Succeeded ? new DatasetVersionId("scored", 1) : null,
            Spec = new InferenceJobSpec
            {
                Model = new ModelVersionId("m", 1),
                Dataset = new DatasetVersionId("d", 1),
                Rows = 100,
            },
        };
}
