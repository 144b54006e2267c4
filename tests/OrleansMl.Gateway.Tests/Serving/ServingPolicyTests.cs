using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class ServingPolicyTests(GatewayCluster cluster)
{
    [Fact]
    public async Task A_policy_is_read_and_replaced_at_its_revision()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        cluster.World.Models["policy-m"] = new ModelSnapshot
        {
            Name = "policy-m",
            LatestVersion = 1,
            Aliases = new Dictionary<string, int>(),
        };

        var before = await gateway.GetAsync<ServingPolicySnapshot>(
            "/api/v1/models/policy-m/serving"
        );
        var set = await gateway.SendAsync<ServingPolicySnapshot>(
            HttpMethod.Put,
            "/api/v1/models/policy-m/serving",
            Json("""{"policy":{},"expected":0}""")
        );
        await gateway.SendAsync<object>(
            HttpMethod.Put,
            "/api/v1/models/policy-m/serving",
            Json("""{"policy":{},"expected":0}"""),
            409
        );

        Assert.Equal(0, before.Revision);
        Assert.Equal(1, set.Revision);
        Assert.Equal("local", set.ChangedBy);
    }

    [Theory]
    [InlineData("""{"policy":null}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    public async Task A_body_without_a_policy_is_refused(string body)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        await gateway.SendAsync<object>(
            HttpMethod.Put,
            "/api/v1/models/policy-none/serving",
            Json(body),
            400
        );
    }

    [Fact]
    public async Task A_model_that_is_not_there_has_no_policy()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        await gateway.SendAsync<object>(
            HttpMethod.Get,
            "/api/v1/models/policy-absent/serving",
            status: 404
        );
    }

    private static StringContent Json(string text) =>
        new(text, System.Text.Encoding.UTF8, "application/json");
}
