using System.Security.Cryptography;
using System.Text;
using OrleansMl.Contracts.Models;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Tests.Trust;

public sealed class TrustTests(GatewayCluster cluster)
{
    private const string Key = "correct horse battery staple";

    private static string Digest(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private Task<TestGateway> StartWithKeyAsync() =>
        TestGateway.StartAsync(cluster, secure: s => s.ApiKeys = [$"ci:{Digest(Key)}"]);

    [Fact]
    public async Task With_keys_a_call_without_or_with_a_wrong_one_is_refused()
    {
        await using var gateway = await StartWithKeyAsync();

        await gateway.RefusedAsync(HttpMethod.Get, "/api/v1/runs", null, 401, "unauthorized");
        await gateway.RefusedAsync(HttpMethod.Get, "/v2/models/m", null, 401, "unauthorized");
        await gateway.RefusedAsync(HttpMethod.Get, "/nowhere", null, 401, "unauthorized");
        gateway.Http.DefaultRequestHeaders.Add("X-Api-Key", "wrong");
        await gateway.RefusedAsync(HttpMethod.Get, "/api/v1/runs", null, 401, "unauthorized");
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + Key)]
    [InlineData("X-Api-Key", Key)]
    public async Task A_known_key_is_taken_in_either_header_and_its_name_kept(
        string header,
        string value
    )
    {
        await using var gateway = await StartWithKeyAsync();
        var model = $"trust-{header.ToLowerInvariant()}";
        cluster.World.AddModel(model);
        gateway.Http.DefaultRequestHeaders.Add(header, value);

        var moved = await gateway.SendAsync<ModelSnapshot>(
            HttpMethod.Put,
            $"/api/v1/models/{model}/aliases/champion",
            TestGateway.Json("""{"version":1}""")
        );

        Assert.Equal("ci", moved.History[0].By);
    }

    [Fact]
    public async Task Health_and_the_description_need_no_key()
    {
        await using var gateway = await StartWithKeyAsync();

        foreach (var path in new[] { "/v2/health/live", "/v2/health/ready", "/openapi/v1.json" })
        {
            using var response = await gateway.Http.GetAsync(
                path,
                TestContext.Current.CancellationToken
            );
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "http://evil.example")]
    public async Task Without_keys_pages_of_other_sites_are_refused(string header, string value)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        gateway.Http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);

        var error = await gateway.RefusedAsync(
            HttpMethod.Get,
            "/api/v1/runs",
            null,
            403,
            "forbidden"
        );

        Assert.Contains("evil.example", error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://+:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://192.168.1.5:8080")]
    [InlineData("http://host.example:8080")]
    [InlineData("http://127.0.0.1:1;http://0.0.0.0:2")]
    public void Listening_beyond_loopback_needs_keys(string urls)
    {
        var error = Assert.Throws<InvalidOperationException>(() =>
            GatewaySecurity.RequireKeysBeyondLoopback([urls], new SecurityOptions())
        );

        Assert.Contains("Security:ApiKeys", error.Message, StringComparison.Ordinal);
        GatewaySecurity.RequireKeysBeyondLoopback(
            [urls],
            new SecurityOptions { ApiKeys = [Digest(Key)] }
        );
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:0")]
    [InlineData("http://[::1]:8080")]
    [InlineData("http://127.0.0.1:1;http://[::1]:2")]
    public void Listening_on_loopback_needs_none(string urls) =>
        GatewaySecurity.RequireKeysBeyondLoopback([urls], new SecurityOptions());

    [Fact]
    public void An_entry_that_is_no_digest_is_refused_without_showing_it()
    {
        var result = new SecurityOptionsValidator().Validate(
            null,
            new SecurityOptions { ApiKeys = [Digest(Key), "my-plain-secret"] }
        );

        Assert.True(result.Failed);
        Assert.Contains("Security:ApiKeys:1", result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("my-plain", result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_that_make_no_sense_are_refused_by_key()
    {
        var validator = new GatewayOptionsValidator();

        Assert.True(validator.Validate(null, new GatewayOptions()).Succeeded);
        Assert.Contains(
            "Gateway:MaxUploadBytes",
            validator.Validate(null, new GatewayOptions { MaxUploadBytes = 0 }).FailureMessage,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Gateway:HeartbeatSeconds",
            validator
                .Validate(null, new GatewayOptions { HeartbeatSeconds = double.NaN })
                .FailureMessage,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Gateway:ImportRoots",
            validator.Validate(null, new GatewayOptions { ImportRoots = ["data"] }).FailureMessage,
            StringComparison.Ordinal
        );
    }
}
