using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Tests.Operations;

public sealed class ConsoleRouteTests(ConsoleWorld world)
{
    private static readonly string[] Open =
    [
        "HTTP: GET /console/sign-in",
        "HTTP: POST /console/sign-in",
        "HTTP: POST /console/sign-out",
        "HTTP: GET /console/assets/{name}",
    ];

    private List<RouteEndpoint> Endpoints =>
        [
            .. world
                .Silo.Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
                .SelectMany(source => source.Endpoints)
                .OfType<RouteEndpoint>()
                .Where(endpoint =>
                    endpoint.RoutePattern.RawText!.StartsWith("/console", StringComparison.Ordinal)
                ),
        ];

    [Fact]
    public void Every_page_declares_who_may_see_it_and_only_signing_in_and_out_are_open()
    {
        Assert.True(Endpoints.Count > 12, string.Join('\n', Endpoints.Select(e => e.DisplayName)));
        Assert.All(
            Endpoints,
            endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<AccessRequirement>())
        );
        Assert.Equal(
            Open.Order(),
            Endpoints
                .Where(endpoint =>
                    endpoint.Metadata.GetMetadata<AccessRequirement>()!.Any == Permission.None
                )
                .Select(endpoint => Name(endpoint))
                .Order()
        );
    }

    [Fact]
    public void Every_form_that_changes_something_is_audited() =>
        Assert.All(
            Endpoints.Where(endpoint =>
                (
                    endpoint.Metadata.GetMetadata<AccessRequirement>()!.Any
                    & (Permission.Train | Permission.Operate | Permission.Administer)
                ) != Permission.None
                && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST")
            ),
            endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<AuditedAction>()?.Action)
        );

    [Fact]
    public void Pages_of_a_model_are_limited_to_viewers_of_it() =>
        Assert.All(
            Endpoints.Where(endpoint =>
                endpoint.RoutePattern.Parameters.Any(parameter => parameter.Name == "model")
            ),
            endpoint =>
                Assert.Equal(
                    ModelScope.Route,
                    endpoint.Metadata.GetMetadata<AccessRequirement>()!.Scope
                )
        );

    [Fact]
    public async Task The_description_of_the_api_does_not_list_pages()
    {
        using var http = new HttpClient { BaseAddress = new Uri(world.Silo.Url) };
        var document = await http.GetStringAsync(
            "/openapi/v1.json",
            TestContext.Current.CancellationToken
        );

        Assert.Contains("/api/v1/runs", document, StringComparison.Ordinal);
        Assert.DoesNotContain("/console", document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_forbid_scripts_of_others_frames_and_caches()
    {
        using var http = new HttpClient { BaseAddress = new Uri(world.Silo.Url) };
        using var answer = await http.GetAsync(
            "/console/sign-in",
            TestContext.Current.CancellationToken
        );

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.DoesNotContain(
            "<script>",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.OrdinalIgnoreCase
        );
    }

    [Theory]
    [InlineData("--Console:Enabled", "false")]
    [InlineData("--roles", "serve")]
    public async Task Switched_off_or_without_the_role_there_is_no_page(string key, string value)
    {
        var folder = Directory.CreateTempSubdirectory("oml-console-off-").FullName;
        try
        {
            await using var silo = await HostedSilo.StartAsync(folder, key, value);
            using var http = new HttpClient { BaseAddress = new Uri(silo.Url) };
            using var answer = await http.GetAsync(
                "/console",
                TestContext.Current.CancellationToken
            );

            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Name(RouteEndpoint endpoint) =>
        $"HTTP: {string.Join(", ", endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])} {endpoint.RoutePattern.RawText}";
}
