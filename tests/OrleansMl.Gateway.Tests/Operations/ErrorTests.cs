using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;
using Orleans.Storage;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Artifacts;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Tests.Operations;

public sealed class ErrorTests(GatewayCluster cluster)
{
    public static TheoryData<Exception, int, string> Mapped =>
        new()
        {
            { new InvalidInputException("m"), 400, "invalid_input" },
            { new JsonException("m"), 400, "invalid_request" },
            { new NotFoundException("m"), 404, "not_found" },
            { new ArtifactNotFoundException("m"), 404, "not_found" },
            { new ConflictException("m"), 409, "conflict" },
            { new StaleAttemptException("m"), 409, "conflict" },
            { new OverloadedException("m"), 429, "overloaded" },
            { new UnavailableException("m"), 503, "unavailable" },
            { new TimeoutException("m"), 503, "timeout" },
            { new InconsistentStateException("m"), 503, "unavailable" },
            { new InvalidOperationException("m", new SocketException(111)), 503, "unavailable" },
            {
                new AggregateException(new FormatException("m"), new DatabaseAway()),
                503,
                "unavailable"
            },
            { new IOException("m", 28), 507, "storage_full" },
            { new InvalidOperationException("m", new IOException("m", 28)), 507, "storage_full" },
            { new IOException("m", 5), 500, "internal" },
            { new InvalidOperationException("secret"), 500, "internal" },
        };

    [Theory]
    [MemberData(nameof(Mapped), DisableDiscoveryEnumeration = true)]
    public void Every_exception_has_its_status_and_code(
        Exception exception,
        int status,
        string code
    )
    {
        var answer = ErrorAnswer.Of(exception);

        Assert.Equal(status, answer.Status);
        Assert.Equal(code, answer.Body.Code);
        Assert.Equal(status is 429 or 503, answer.RetryAfterSeconds is not null);
        Assert.DoesNotContain("secret", answer.Body.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_route_is_an_error_in_the_one_shape()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        await gateway.RefusedAsync(HttpMethod.Get, "/nowhere", null, 404, "route_not_found");
        await gateway.RefusedAsync(HttpMethod.Get, "/v2/nowhere", null, 404, "route_not_found");
    }

    [Fact]
    public async Task A_wrong_method_is_refused_naming_those_taken()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var error = await gateway.RefusedAsync(
            HttpMethod.Patch,
            "/api/v1/runs",
            null,
            405,
            "method_not_allowed"
        );

        Assert.Contains("GET", error.Error, StringComparison.Ordinal);
        Assert.Contains("POST", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_grains_throw_reaches_the_caller_as_its_status()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        cluster.World.Faults["err-timeout"] = () => new TimeoutException("no answer");
        cluster.World.Faults["err-loading"] = () => new UnavailableException("still loading");
        cluster.World.Faults["err-defect"] = () => new InvalidOperationException("secret");

        await gateway.RefusedAsync(
            HttpMethod.Get,
            "/api/v1/models/err-timeout",
            null,
            503,
            "timeout"
        );
        var defect = await gateway.RefusedAsync(
            HttpMethod.Get,
            "/api/v1/models/err-defect",
            null,
            500,
            "internal"
        );
        using var response = await gateway.Http.GetAsync(
            "/api/v1/models/err-loading",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(503, (int)response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.DoesNotContain("secret", defect.Error, StringComparison.Ordinal);
        Assert.NotNull(defect.TraceId);
    }

    [Fact]
    public async Task A_database_that_is_away_is_a_503_to_try_again()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        gateway.Catalog.Fault = () => new DatabaseAway();

        await gateway.RefusedAsync(HttpMethod.Get, "/api/v1/runs", null, 503, "unavailable");
        await gateway.RefusedAsync(HttpMethod.Get, "/api/v1/status", null, 503, "unavailable");
        gateway.Catalog.Fault = null;
        await gateway.GetAsync<CatalogPage>("/api/v1/runs");
    }

    [Theory]
    [InlineData("/api/v1/runs?limit=0", "limit")]
    [InlineData("/api/v1/runs?limit=501", "limit")]
    [InlineData("/api/v1/runs?offset=-1", "offset")]
    [InlineData("/api/v1/runs?offset=x", "offset")]
    [InlineData("/api/v1/runs?status=gone", "status")]
    [InlineData("/api/v1/runs?status=1", "status")]
    [InlineData("/api/v1/models/UPPER", "UPPER")]
    [InlineData("/api/v1/datasets/UPPER", "UPPER")]
    [InlineData("/api/v1/datasets/a/versions/x", "x")]
    [InlineData("/api/v1/datasets/a/versions/1/rows?limit=101", "limit")]
    [InlineData("/api/v1/runs/UPPER", "UPPER")]
    [InlineData("/api/v1/runs/compare?ids=a", "ids")]
    [InlineData("/api/v1/runs/compare?ids=a,b&split=dev", "split")]
    [InlineData("/api/v1/artifacts/abc", "abc")]
    public async Task Wrong_parameters_are_refused_by_name(string path, string named)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var error = await gateway.RefusedAsync(HttpMethod.Get, path, null, 400, "invalid_request");

        Assert.Contains(named, error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/models/absent")]
    [InlineData("/api/v1/models/absent/versions")]
    [InlineData("/api/v1/models/absent/versions/1")]
    [InlineData("/api/v1/models/absent/versions/1/onnx")]
    [InlineData("/api/v1/datasets/absent")]
    [InlineData("/api/v1/datasets/absent/versions/latest")]
    [InlineData("/api/v1/datasets/absent/versions/1/rows")]
    [InlineData("/api/v1/runs/absent")]
    [InlineData("/api/v1/runs/absent/metrics")]
    [InlineData("/api/v1/runs/absent/events")]
    [InlineData("/v2/models/absent")]
    [InlineData("/v2/models/absent/ready")]
    public async Task What_is_not_there_is_a_404_that_names_it(string path)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var error = await gateway.RefusedAsync(HttpMethod.Get, path, null, 404, "not_found");

        Assert.Contains("absent", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_that_is_broken_or_too_large_or_of_another_type_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxBodyBytes = 1000
        );
        const string Alias = "/api/v1/models/m/aliases/champion";

        var broken = await gateway.RefusedAsync(
            HttpMethod.Put,
            Alias,
            TestGateway.Json("""{"version":"""),
            400,
            "invalid_request"
        );
        await gateway.RefusedAsync(
            HttpMethod.Put,
            Alias,
            TestGateway.Json("null"),
            400,
            "invalid_request"
        );
        var missing = await gateway.RefusedAsync(
            HttpMethod.Put,
            Alias,
            TestGateway.Json("{}"),
            400,
            "invalid_request"
        );
        var large = await gateway.RefusedAsync(
            HttpMethod.Put,
            Alias,
            TestGateway.Json($$"""{"version":1,"reason":"{{new string('x', 2000)}}"}"""),
            413,
            "body_too_large"
        );
        await gateway.RefusedAsync(
            HttpMethod.Put,
            Alias,
            new StringContent("version=1"),
            415,
            "unsupported_media_type"
        );

        Assert.Contains("JSON", broken.Error, StringComparison.Ordinal);
        Assert.Contains("version", missing.Error, StringComparison.Ordinal);
        Assert.Contains("Gateway:MaxBodyBytes", large.Error, StringComparison.Ordinal);
    }

    private sealed class DatabaseAway : DbException;
}
