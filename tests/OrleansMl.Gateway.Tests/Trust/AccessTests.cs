using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Tests.Trust;

public sealed class AccessTests(GatewayCluster cluster)
{
    private const string Bootstrap = "correct horse battery staple";

    private static string Digest(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private async Task<TestGateway> StartAsync()
    {
        var gateway = await TestGateway.StartAsync(
            cluster,
            secure: s => s.ApiKeys = [$"root:{Digest(Bootstrap)}"]
        );
        As(gateway, Bootstrap);
        return gateway;
    }

    private static void As(TestGateway gateway, string? key) =>
        gateway.Http.DefaultRequestHeaders.Authorization = key is null
            ? null
            : new AuthenticationHeaderValue("Bearer", key);

    private static Task<ApiKeyAnswer> CreateAsync(
        TestGateway gateway,
        string roles,
        string models = "*",
        string expires = "null"
    ) =>
        gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Post,
            "/api/v1/keys",
            TestGateway.Json(
                $$"""{"name":"k-{{Guid.NewGuid():N}}","roles":["{{roles}}"],"models":["{{models}}"],"expiresAt":{{expires}}}"""
            ),
            201
        );

    [Fact]
    public async Task Every_route_declares_what_it_needs_and_every_change_is_audited()
    {
        await using var gateway = await StartAsync();
        var endpoints = gateway
            .Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .ToList();

        Assert.True(endpoints.Count > 20);
        Assert.Empty(
            endpoints
                .Where(endpoint => endpoint.Metadata.GetMetadata<AccessRequirement>() is null)
                .Select(endpoint => endpoint.DisplayName)
        );
        Assert.Empty(
            endpoints
                .Where(endpoint =>
                    endpoint.Metadata.GetMetadata<AccessRequirement>()!.Any is not Permission.None
                    && (
                        endpoint.Metadata.GetMetadata<AccessRequirement>()!.Any
                        & (Permission.Read | Permission.Predict)
                    ) == Permission.None
                    && endpoint
                        .Metadata.GetMetadata<HttpMethodMetadata>()!
                        .HttpMethods.Any(method => method is not ("GET" or "HEAD"))
                    && endpoint.Metadata.GetMetadata<AuditedAction>() is null
                )
                .Select(endpoint => endpoint.DisplayName)
        );
        Assert.Empty(
            endpoints
                .Where(endpoint =>
                    endpoint.Metadata.GetMetadata<AccessRequirement>()!.Scope == ModelScope.Route
                    && !endpoint.RoutePattern.Parameters.Any(parameter => parameter.Name == "model")
                )
                .Select(endpoint => endpoint.DisplayName)
        );
    }

    [Theory]
    [InlineData("reader", "GET", "/api/v1/models/access-m", 200)]
    [InlineData("reader", "POST", "/v2/models/access-m/infer", 403)]
    [InlineData("reader", "PUT", "/api/v1/models/access-m/aliases/champion", 403)]
    [InlineData("predictor", "GET", "/api/v1/models/access-m", 403)]
    [InlineData("predictor", "POST", "/v2/models/access-m/infer", 400)]
    [InlineData("predictor", "DELETE", "/api/v1/datasets/access-d", 403)]
    [InlineData("trainer", "POST", "/api/v1/runs/access-r/cancel", 404)]
    [InlineData("trainer", "PUT", "/api/v1/models/access-m/aliases/champion", 403)]
    [InlineData("operator", "PUT", "/api/v1/models/access-m/aliases/champion", 200)]
    [InlineData("operator", "GET", "/api/v1/keys", 403)]
    [InlineData("operator", "GET", "/api/v1/audit", 403)]
    [InlineData("admin", "GET", "/api/v1/keys", 200)]
    public async Task A_role_may_what_the_table_says(
        string role,
        string method,
        string path,
        int status
    )
    {
        cluster.World.AddModel("access-m");
        await using var gateway = await StartAsync();
        As(gateway, (await CreateAsync(gateway, role)).Secret);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "PUT" or "POST")
            request.Content = TestGateway.Json("""{"version":1}""");

        using var response = await gateway.Http.SendAsync(
            request,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_key_for_some_models_may_touch_those_alone()
    {
        cluster.World.AddModel("team-a-one");
        cluster.World.AddModel("other");
        await using var gateway = await StartAsync();
        As(gateway, (await CreateAsync(gateway, "operator", "team-a-*")).Secret);

        await gateway.GetAsync<ModelSnapshot>("/api/v1/models/team-a-one");
        foreach (
            var path in new[]
            {
                "/api/v1/models/other",
                "/api/v1/models",
                "/api/v1/models/other/serving",
                "/api/v1/runs",
                "/api/v1/artifacts/" + new string('0', 64),
                "/v2/models/other",
            }
        )
        {
            var error = await gateway.RefusedAsync(HttpMethod.Get, path, null, 403, "forbidden");
            Assert.Contains("team-a-*", error.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_secret_is_shown_once_rotated_with_grace_and_revoked_at_once()
    {
        await using var gateway = await StartAsync();
        var made = await CreateAsync(gateway, "reader");
        Assert.StartsWith($"oml_{made.Key.Id}_", made.Secret!, StringComparison.Ordinal);
        using (
            var list = await gateway.Http.GetAsync(
                "/api/v1/keys",
                TestContext.Current.CancellationToken
            )
        )
            Assert.DoesNotContain(
                made.Secret![13..],
                await list.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        var rotated = await gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Post,
            $"/api/v1/keys/{made.Key.Id}/rotate",
            TestGateway.Json("""{"graceSeconds":3600}""")
        );
        foreach (var secret in new[] { made.Secret, rotated.Secret })
        {
            As(gateway, secret);
            await gateway.GetAsync<object>("/api/v1/datasets");
        }
        As(gateway, Bootstrap);
        var again = await gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Post,
            $"/api/v1/keys/{made.Key.Id}/rotate",
            TestGateway.Json("""{"graceSeconds":0}""")
        );
        As(gateway, rotated.Secret);
        var replaced = await gateway.RefusedAsync(
            HttpMethod.Get,
            "/api/v1/datasets",
            null,
            401,
            "unauthorized"
        );
        Assert.Contains("replaced", replaced.Error, StringComparison.Ordinal);
        As(gateway, Bootstrap);
        var revoked = await gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Delete,
            $"/api/v1/keys/{made.Key.Id}"
        );
        Assert.Null(revoked.Secret);
        Assert.Equal(["silo-1"], revoked.Confirmed);
        As(gateway, again.Secret);
        var error = await gateway.RefusedAsync(
            HttpMethod.Get,
            "/api/v1/datasets",
            null,
            401,
            "unauthorized"
        );
        Assert.Contains("revoked", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_recorded_before_it_is_made_and_with_its_end()
    {
        cluster.World.AddModel("audited");
        await using var gateway = await StartAsync();
        var log = gateway.Services.GetRequiredService<MemoryAuditLog>();

        await gateway.SendAsync<ModelSnapshot>(
            HttpMethod.Put,
            "/api/v1/models/audited/aliases/champion",
            TestGateway.Json("""{"version":1,"reason":"better"}""")
        );
        await gateway.RefusedAsync(
            HttpMethod.Put,
            "/api/v1/models/audited/aliases/champion",
            TestGateway.Json("""{"version":0}"""),
            400,
            "invalid_request"
        );

        Assert.Equal(
            [AuditOutcome.Asked, AuditOutcome.Done, AuditOutcome.Asked, AuditOutcome.Refused],
            log.Records.Select(record => record.Outcome)
        );
        Assert.All(log.Records, record => Assert.Equal("root", record.Actor));
        Assert.All(log.Records, record => Assert.Equal("model/audited", record.Subject));
        Assert.Equal("champion: no version -> version 1: better", log.Records[1].Detail);
        Assert.Equal(log.Records[0].Request, log.Records[1].Request);
        var page = await gateway.GetAsync<AuditPage>("/api/v1/audit?limit=3&actor=root");
        Assert.Equal(3, page.Items.Count);
        Assert.Equal(2, page.Next);
    }

    [Fact]
    public async Task Without_the_audit_log_nothing_is_changed()
    {
        cluster.World.AddModel("unaudited");
        await using var gateway = await StartAsync();
        gateway.Services.GetRequiredService<MemoryAuditLog>().Down = true;

        await gateway.RefusedAsync(
            HttpMethod.Put,
            "/api/v1/models/unaudited/aliases/champion",
            TestGateway.Json("""{"version":1}"""),
            503,
            "unavailable"
        );

        Assert.Empty(cluster.World.Models["unaudited"].Aliases);
    }

    [Fact]
    public async Task On_loopback_without_configured_keys_a_shown_key_counts_and_none_is_needed()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var made = await CreateAsync(gateway, "predictor");

        As(gateway, made.Secret);
        await gateway.RefusedAsync(HttpMethod.Get, "/api/v1/keys", null, 403, "forbidden");
        As(gateway, "oml_nobody_x");
        await gateway.RefusedAsync(HttpMethod.Get, "/api/v1/keys", null, 401, "unauthorized");
        As(gateway, null);
        await gateway.GetAsync<object>("/api/v1/keys");
    }

    [Fact]
    public async Task Requests_reach_no_file_and_no_address_by_name()
    {
        await using var gateway = await StartAsync();

        var path = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/d/import-path",
            TestGateway.Json("""{"paths":["/etc/passwd"]}"""),
            404,
            "not_found"
        );
        Assert.Contains("Gateway:ImportRoots", path.Error, StringComparison.Ordinal);
        foreach (
            var id in new[] { "..%2f..%2fetc%2fpasswd", "file:%2f%2f%2fetc%2fpasswd", "%2fetc" }
        )
        {
            using var response = await gateway.Http.GetAsync(
                "/api/v1/artifacts/" + id,
                TestContext.Current.CancellationToken
            );
            Assert.True((int)response.StatusCode is 400 or 404);
        }
    }
}
