using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>The table of all routes in docs/http-api.md is what the gateway maps; scripts/docs writes it.</summary>
public sealed class RoutesPageTests(GatewayCluster cluster)
{
    private const string Begin = "<!-- routes: written by scripts/docs -->\n";
    private const string End = "<!-- /routes -->\n";

    [Fact]
    public async Task Every_mapped_route_stands_in_the_page()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var file = PathOf("docs", "http-api.md");
        var page = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var table = Table(
            gateway
                .Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
                .SelectMany(source => source.Endpoints)
                .OfType<RouteEndpoint>()
        );
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("OML_REGENERATE") == "1")
        {
            await File.WriteAllTextAsync(
                file,
                page[..from] + table + page[to..],
                TestContext.Current.CancellationToken
            );
            return;
        }

        Assert.Contains("| `POST` | `/v2/models/{model}/infer` |", table);
        Assert.True(
            page[from..to] == table,
            $"The routes in docs/http-api.md are out of date: run scripts/docs and commit it. Missing: {string.Join(", ", table.Split('\n').Except(page.Split('\n')))}"
        );
    }

    private static string Table(IEnumerable<RouteEndpoint> endpoints) =>
        "| method | route | permission | does |\n|---|---|---|---|\n"
        + string.Concat(
            endpoints
                .Where(endpoint =>
                    // gRPC's calls have a page of their own.
                    endpoint.Metadata.GetMetadata<global::Grpc.AspNetCore.Server.GrpcMethodMetadata>()
                        is null
                    && !endpoint.RoutePattern.RawText!.Contains(
                        "unimplemented",
                        StringComparison.Ordinal
                    )
                )
                .SelectMany(endpoint =>
                    (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(
                        method => (Method: method, Endpoint: endpoint)
                    )
                )
                .Select(route =>
                    (
                        Route: $"/{route.Endpoint.RoutePattern.RawText!.TrimStart('/')}",
                        route.Method,
                        Needs: Needs(route.Endpoint.Metadata.GetMetadata<AccessRequirement>()!.Any),
                        Does: route
                            .Endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()
                            ?.Summary.Replace("|", "\\|", StringComparison.Ordinal)
                    )
                )
                .Distinct()
                .OrderBy(route => route.Route, StringComparer.Ordinal)
                .ThenBy(route => route.Method, StringComparer.Ordinal)
                .Select(route =>
                    $"| `{route.Method}` | `{route.Route}` | {route.Needs} | {route.Does} |\n"
                )
        );

    private static string Needs(Permission any) =>
        any == Permission.None
            ? "none"
            : any.ToString().ToLowerInvariant().Replace(", ", " or ", StringComparison.Ordinal);

    private static string PathOf(string folder, string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", folder, name)
        );
}
