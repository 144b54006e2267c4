using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class TrafficTests(GatewayCluster cluster)
{
    [Fact]
    public async Task Traffic_is_shown_compared_and_commanded()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("traffic-m");

        var shown = await gateway.GetAsync<TrafficSnapshot>("/api/v1/models/traffic-m/traffic");
        var compared = await gateway.GetAsync<VersionComparison>(
            "/api/v1/models/traffic-m/traffic/comparison?baseline=1&candidate=3&confidence=0.9"
        );
        var moved = await gateway.SendAsync<TrafficSnapshot>(
            HttpMethod.Post,
            "/api/v1/models/traffic-m/traffic/canary",
            Json("""{"action":"rollBack","reason":"odd answers"}""")
        );

        Assert.Equal(3, shown.Experiment);
        Assert.Equal((1, 3, 0.9), (compared.Baseline, compared.Candidate, compared.Confidence));
        var decision = Assert.Single(moved.Decisions);
        Assert.Equal(
            ("RollBack", "odd answers", "local"),
            (decision.Kind, decision.Reason, decision.By)
        );
    }

    [Fact]
    public async Task Outcomes_reach_the_model_by_prediction_or_version()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("traffic-f");

        var told = await gateway.SendAsync<FeedbackResult>(
            HttpMethod.Post,
            "/api/v1/models/traffic-f/feedback",
            Json(
                """{"outcomes":[{"prediction":"2-3-19ab3c4d5e6-9f3a01c2b4d5e6f7","value":1},{"version":1,"id":"order-7","value":0}]}"""
            )
        );

        Assert.Equal(2, told.Counted);
        var outcomes = cluster.World.Outcomes["traffic-f"];
        Assert.Equal(2, outcomes[0].Prediction!.Value.Version);
        Assert.Equal((1, "order-7"), (outcomes[1].Version, outcomes[1].Id));
    }

    [Theory]
    [InlineData("POST", "feedback", """{"outcomes":null}""")]
    [InlineData("POST", "feedback", """{"outcomes":[{"prediction":"nonsense","value":1}]}""")]
    [InlineData("POST", "traffic/canary", """{"action":"explode"}""")]
    [InlineData("GET", "traffic/comparison?confidence=much", null)]
    [InlineData("GET", "traffic/comparison?baseline=0", null)]
    public async Task Nonsense_is_a_bad_request(string method, string path, string? body)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("traffic-n");

        await gateway.SendAsync<object>(
            new HttpMethod(method),
            $"/api/v1/models/traffic-n/{path}",
            body is null ? null : Json(body),
            400
        );
    }

    [Fact]
    public async Task A_model_that_is_not_there_has_no_traffic()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        await gateway.SendAsync<object>(
            HttpMethod.Get,
            "/api/v1/models/traffic-absent/traffic",
            status: 404
        );
    }

    [Fact]
    public async Task An_alias_moves_only_when_every_serving_silo_is_ready_or_it_is_forced()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("traffic-w");
        cluster.World.Faults["silo-b/traffic-w@2"] = () =>
            new UnavailableException("the file is broken");

        await gateway.SendAsync<object>(
            HttpMethod.Put,
            "/api/v1/models/traffic-w/aliases/champion",
            Json("""{"version":2}"""),
            409
        );
        Assert.Equal(1, cluster.World.Models["traffic-w"].Aliases["champion"]);
        await gateway.SendAsync<object>(
            HttpMethod.Put,
            "/api/v1/models/traffic-w/serving",
            Json("""{"policy":{"traffic":{"split":[{"version":"2","weight":1}]}}}"""),
            409
        );
        var moved = await gateway.SendAsync<ModelSnapshot>(
            HttpMethod.Put,
            "/api/v1/models/traffic-w/aliases/champion",
            Json("""{"version":2,"force":true}""")
        );

        Assert.Equal(2, moved.Aliases["champion"]);
    }

    private void Add(string model)
    {
        cluster.World.Models[model] = new ModelSnapshot
        {
            Name = model,
            LatestVersion = 3,
            Aliases = new Dictionary<string, int> { ["champion"] = 1 },
        };
        for (var version = 1; version <= 3; version++)
        {
            var id = new ModelVersionId(model, version);
            cluster.World.Versions[id.ToString()] = new ModelVersionSnapshot
            {
                Id = id,
                Onnx = Contracts.Artifacts.ArtifactId.Of(Encoding.UTF8.GetBytes(id.ToString())),
                Signature = new ModelSignature { Inputs = [], Outputs = [] },
                Lineage = new ModelLineage(),
            };
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
