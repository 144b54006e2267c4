using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class PipelineTests(GatewayCluster cluster)
{
    private const string Yaml = """
        steps:
          - { name: a, model: MODEL }
        outputs: { p: a.p }
        """;

    [Fact]
    public async Task A_pipeline_is_checked_saved_and_shown_with_what_it_takes_and_gives()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("pl-net");
        var yaml = Yaml.Replace("MODEL", "pl-net@1", StringComparison.Ordinal);

        var checkedOnly = await gateway.SendAsync<ModelSignature>(
            HttpMethod.Post,
            "/api/v1/pipelines/validate",
            Text(yaml)
        );
        Assert.False(cluster.World.Models.ContainsKey("pl-saved"));
        var saved = await gateway.SendAsync<ModelVersionSnapshot>(
            HttpMethod.Put,
            "/api/v1/pipelines/pl-saved?commandId=c1&expected=0",
            Text(yaml),
            201
        );

        Assert.Equal("x", Assert.Single(checkedOnly.Inputs).Name);
        Assert.Equal("p", Assert.Single(saved.Signature.Outputs).Name);
        Assert.Equal(yaml, saved.Pipeline);
        Assert.Equal(ArtifactId.Of(System.Text.Encoding.UTF8.GetBytes(yaml)), saved.Onnx);
        Assert.Equal("local", saved.RegisteredBy);
    }

    [Fact]
    public async Task JSON_is_taken_too_and_every_error_has_its_place()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("pl-json");

        await gateway.SendAsync<ModelSignature>(
            HttpMethod.Post,
            "/api/v1/pipelines/validate",
            TestGateway.Json("""{"steps":[{"name":"a","model":"pl-json"}],"outputs":{"p":"a.p"}}""")
        );
        var error = await gateway.RefusedAsync(
            HttpMethod.Put,
            "/api/v1/pipelines/pl-bad",
            Text(
                "steps:\n  - { name: a, model: pl-none }\n  - { name: b, model: pl-json, input: x }\noutputs: { p: a.p }"
            ),
            400,
            "invalid_config"
        );

        Assert.NotNull(error.Details);
        Assert.Equal(3, Assert.Single(error.Details).Line);
        Assert.False(cluster.World.Models.ContainsKey("pl-bad"));
    }

    [Theory]
    [InlineData("GET", "/api/v1/pipelines/pl-absent", 404)]
    [InlineData("GET", "/api/v1/pipelines/Not%20A%20Name", 400)]
    [InlineData("PUT", "/api/v1/pipelines/Not%20A%20Name", 400)]
    public async Task What_is_no_pipeline_is_refused(string method, string path, int status)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        await gateway.SendAsync<JsonElement>(
            new HttpMethod(method),
            path,
            Text("steps: []"),
            status
        );
    }

    private void AddModel(string name)
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
            Onnx = ArtifactId.Of(MemoryMarshal.AsBytes(name.AsSpan())),
            Signature = new ModelSignature
            {
                Inputs = [Tensor("x", -1, 2)],
                Outputs = [Tensor("p", -1, 2)],
            },
            Lineage = new ModelLineage(),
        };
    }

    private static TensorSignature Tensor(string name, params long[] shape) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = shape,
        };

    private static StringContent Text(string yaml) =>
        new(yaml, System.Text.Encoding.UTF8, "application/yaml");
}
