using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class WatchTests(GatewayCluster cluster)
{
    [Fact]
    public async Task A_watched_models_statistics_and_alerts_are_read()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("watch-m");
        cluster.World.WatchedModels["watch-m"] = new WatchSnapshot
        {
            Model = "watch-m",
            Versions =
            [
                new WatchedVersion
                {
                    Version = 1,
                    Windows = [],
                    Total = new WindowReport
                    {
                        From = default,
                        To = default,
                        Calls = 3,
                        Rows = 5,
                        Features =
                        [
                            new FeatureReport
                            {
                                Name = "x",
                                Count = 5,
                                Measures = new Dictionary<WatchMeasure, double>
                                {
                                    [WatchMeasure.LInfinity] = 0.25,
                                },
                            },
                        ],
                    },
                },
            ],
            Alerts =
            [
                new AlertSnapshot
                {
                    Id = "moved.1.2.0",
                    Model = "watch-m",
                    Version = 1,
                    Rule = "moved",
                    Measure = WatchMeasure.LInfinity,
                    Value = 0.25,
                    Bound = 0.2,
                    RaisedAt = default,
                },
            ],
        };

        var watch = await gateway.GetAsync<WatchSnapshot>("/api/v1/models/watch-m/watch");
        var alerts = await gateway.GetAsync<List<AlertSnapshot>>("/api/v1/models/watch-m/alerts");
        var json = await gateway.GetAsync<JsonElement>("/api/v1/models/watch-m/watch");

        Assert.Equal(0.25, watch.Versions[0].Total.Features[0].Measures[WatchMeasure.LInfinity]);
        Assert.Equal("moved", Assert.Single(alerts).Rule);
        Assert.Equal(
            0.25,
            json.GetProperty("versions")[0]
                .GetProperty("total")
                .GetProperty("features")[0]
                .GetProperty("measures")
                .GetProperty("lInfinity")
                .GetDouble()
        );
    }

    [Fact]
    public async Task A_model_that_is_not_there_or_not_watched_has_no_statistics()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("watch-not");

        foreach (
            var path in new[] { "watch-not/watch", "watch-absent/watch", "watch-absent/alerts" }
        )
            await gateway.SendAsync<object>(HttpMethod.Get, $"/api/v1/models/{path}", status: 404);
    }

    [Fact]
    public void A_policys_section_is_read_with_its_defaults()
    {
        var policy = JsonSerializer.Deserialize<ServingPolicy>(
            """{"watch":{"alerts":[{"name":"a","measure":"jensenShannon","above":0.2}],"payloads":{}}}""",
            Contracts.ContractsJson.Options
        )!;

        Assert.Equal(WatchMeasure.JensenShannon, policy.Watch!.Alerts[0].Measure);
        Assert.Equal(0.01, policy.Watch.Payloads!.Sample);
        Assert.Null(policy.Watch.Outliers);
        Assert.Empty(OrleansMl.Core.Serving.ServingPolicyChecks.Problems(policy));
    }

    [Fact]
    public async Task An_answer_is_explained_beside_its_outputs()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("watch-explained");

        var answer = await gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            "/v2/models/watch-explained/infer",
            TestGateway.Json(
                """
                {"parameters":{"explain":{"method":"shapley-sampling","samples":4,"baseline":"zero"}},
                 "inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[3,4]}]}
                """
            )
        );
        var predicted = await gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            "/api/v1/models/watch-explained/predict",
            TestGateway.Json(
                """{"parameters":{"explain":{"baseline":"zero"}},"instances":[{"x":[3,4]},{"x":[1,0]}]}"""
            )
        );

        // The model gives 2·x₀ − x₁.
        Assert.Equal(
            ["y:2", "explanation_x:6,-4", "explanation_value:2", "explanation_base:0"],
            answer
                .GetProperty("outputs")
                .EnumerateArray()
                .Take(4)
                .Select(o =>
                    $"{o.GetProperty("name")}:{string.Join(',', o.GetProperty("data").EnumerateArray())}"
                )
        );
        var first = predicted.GetProperty("predictions")[0];
        Assert.Equal(2, first.GetProperty("value").GetDouble());
        Assert.Equal(
            "[6,-4]",
            first.GetProperty("outputs").GetProperty("explanation_x").GetRawText()
        );
        Assert.Equal(
            "[2,0]",
            predicted
                .GetProperty("predictions")[1]
                .GetProperty("outputs")
                .GetProperty("explanation_x")
                .GetRawText()
        );
    }

    [Theory]
    [InlineData("""{"method":"magic"}""", "parameters.explain")]
    [InlineData("""{"methods":"occlusion"}""", "parameters.explain")]
    [InlineData("""{"samples":"many"}""", "parameters.explain")]
    [InlineData("""5""", "parameters.explain")]
    [InlineData("""{"baseline":"mean"}""", "'zero'")]
    [InlineData(
        """{"method":"shapley-sampling","samples":10000,"baseline":"zero","patch":0}""",
        "patch"
    )]
    public async Task A_wrong_explanation_is_a_client_error(string explain, string expected)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("watch-wrong");

        foreach (
            var (path, body) in new[]
            {
                (
                    "/v2/models/watch-wrong/infer",
                    $$"""{"parameters":{"explain":{{explain}}},"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[3,4]}]}"""
                ),
                (
                    "/api/v1/models/watch-wrong/predict",
                    $$"""{"parameters":{"explain":{{explain}}},"instances":[{"x":[3,4]}]}"""
                ),
            }
        )
        {
            var refused = await gateway.SendAsync<JsonElement>(
                HttpMethod.Post,
                path,
                TestGateway.Json(body),
                400
            );
            Assert.Contains(expected, refused.GetProperty("error").GetString());
        }
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
            Onnx = default,
            Lineage = new ModelLineage(),
            Signature = new ModelSignature
            {
                Inputs =
                [
                    new TensorSignature
                    {
                        Name = "x",
                        Datatype = "FP32",
                        Shape = [-1, 2],
                    },
                ],
                Outputs =
                [
                    new TensorSignature
                    {
                        Name = "y",
                        Datatype = "FP32",
                        Shape = [-1],
                    },
                ],
                Task = "regression",
            },
        };
        cluster.World.Answers[name] = (_, request) =>
        {
            var x = MemoryMarshal.Cast<byte, float>(request.Inputs[0].Data.Span).ToArray();
            var y = Enumerable
                .Range(0, x.Length / 2)
                .Select(i => (2 * x[2 * i]) - x[(2 * i) + 1])
                .ToArray();
            return new InferenceResponse
            {
                Model = name,
                Version = 1,
                Outputs =
                [
                    new InferenceTensor
                    {
                        Name = "y",
                        Datatype = "FP32",
                        Shape = [y.Length],
                        Data = MemoryMarshal.AsBytes<float>(y).ToArray(),
                    },
                ],
            };
        };
    }
}
