using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class JobTests(GatewayCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_job_is_pinned_to_versions_and_its_rows_are_counted()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("jb");
        const string Yaml =
            "{model: jb, dataset: jb-rows, split: test, keep: [id], output: jb-out}";

        var job = await gateway.SendAsync<InferenceJobSnapshot>(
            HttpMethod.Post,
            "/api/v1/jobs?jobId=jb-1",
            Text(Yaml),
            202
        );
        cluster.World.Models["jb"] = cluster.World.Models["jb"] with { LatestVersion = 2 };
        var again = await gateway.SendAsync<InferenceJobSnapshot>(
            HttpMethod.Post,
            "/api/v1/jobs?jobId=jb-1",
            Text(Yaml),
            202
        );

        Assert.Equal(("jb@1", "jb-rows@1"), ($"{job.Spec.Model}", $"{job.Spec.Dataset}"));
        Assert.Equal((30L, "local"), (job.Spec.Rows, job.Spec.SubmittedBy));
        Assert.Equal(job.Spec.Model, again.Spec.Model);
        Assert.Equal(
            7,
            (await gateway.GetAsync<InferenceJobSnapshot>("/api/v1/jobs/jb-1?seen=6")).Revision
        );
        Assert.Equal(
            InferenceJobPhase.Cancelled,
            (
                await gateway.SendAsync<InferenceJobSnapshot>(
                    HttpMethod.Post,
                    "/api/v1/jobs/jb-1/cancel"
                )
            ).Phase
        );
    }

    [Theory]
    [InlineData("{model: jr, dataset: absent}", 404)]
    [InlineData("{model: absent, dataset: jr-rows}", 404)]
    [InlineData("{model: jr, dataset: jr-rows, split: validation}", 400)]
    [InlineData("{model: jr, dataset: jr-rows, keep: [y]}", 400)]
    [InlineData("{model: jr}", 400)]
    public async Task What_can_not_be_run_is_not_accepted(string yaml, int status)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("jr");

        await gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            "/api/v1/jobs?jobId=jr-1",
            Text(yaml),
            status
        );

        await gateway.SendAsync<JsonElement>(HttpMethod.Get, "/api/v1/jobs/jr-1", status: 404);
    }

    [Fact]
    public async Task A_request_is_stored_as_checked_and_its_answer_comes_as_the_protocol_has_it()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("jq");
        var job = await gateway.SendAsync<InferenceJobSnapshot>(
            HttpMethod.Post,
            "/api/v1/models/jq/jobs?jobId=jq-1",
            TestGateway.Json(
                """{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1.5,2]}]}"""
            ),
            202
        );
        using var file = await gateway.Artifacts.AcquireAsync(job.Spec.Request!.Value, Cancel);
        var stored = TensorFile.Read(await File.ReadAllBytesAsync(file.Path, Cancel));
        Assert.Equal(
            [1.5f, 2],
            MemoryMarshal.Cast<byte, float>(Assert.Single(stored).Data.Span).ToArray()
        );
        Assert.Equal(2, job.Spec.Rows);

        await gateway.SendAsync<JsonElement>(
            HttpMethod.Get,
            "/api/v1/jobs/jq-1/result",
            status: 409
        );
        var answer = await PutAsync(gateway, TensorFile.Write([stored[0] with { Name = "y" }]));
        await Grain("jq-1").CompleteAsync(new JobResult { Attempt = 1, Result = answer }, Cancel);
        var result = await gateway.GetAsync<JsonElement>("/api/v1/jobs/jq-1/result");

        Assert.Equal("jq", result.GetProperty("model_name").GetString());
        var output = result.GetProperty("outputs")[0];
        Assert.Equal("y", output.GetProperty("name").GetString());
        Assert.Equal("[1.5,2]", output.GetProperty("data").GetRawText().Replace(" ", ""));
        await gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            "/api/v1/models/jq/jobs",
            TestGateway.Json(
                """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}"""
            ),
            400
        );
    }

    [Fact]
    public async Task Parts_are_downloaded_by_number_past_those_without_rows()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("jp");
        await gateway.SendAsync<InferenceJobSnapshot>(
            HttpMethod.Post,
            "/api/v1/jobs?jobId=jp-1",
            Text("{model: jp, dataset: jp-rows}"),
            202
        );
        var part = await PutAsync(gateway, Encoding.UTF8.GetBytes("parquet"));
        await Grain("jp-1").ReportChunkAsync(1, new JobChunk { Index = 0, Rows = 0 }, Cancel);
        await Grain("jp-1")
            .ReportChunkAsync(
                1,
                new JobChunk
                {
                    Index = 1,
                    Rows = 3,
                    Artifact = part,
                },
                Cancel
            );

        Assert.Equal(
            "parquet",
            await gateway.Http.GetStringAsync("/api/v1/jobs/jp-1/parts/0", Cancel)
        );
        await gateway.SendAsync<JsonElement>(
            HttpMethod.Get,
            "/api/v1/jobs/jp-1/parts/1",
            status: 404
        );
    }

    private IInferenceJobGrain Grain(string id) =>
        cluster.Silo.GetRequiredService<IGrainFactory>().GetGrain<IInferenceJobGrain>(id);

    private static async Task<ArtifactId> PutAsync(TestGateway gateway, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        return (await gateway.Artifacts.PutAsync(content, Cancel)).Id;
    }

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
                Schema =
                [
                    new DatasetColumn { Name = "id", Kind = ColumnKind.Integer },
                    new DatasetColumn { Name = "x", Kind = ColumnKind.Number },
                ],
                Shards = [],
                Splits = new SplitPolicy(),
                Statistics =
                [
                    new SplitStatistics
                    {
                        Split = "test",
                        Rows = 30,
                        Columns = [],
                    },
                ],
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
