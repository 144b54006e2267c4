using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Tests.Trust.Jwt;

namespace OrleansMl.Gateway.Tests.Trust;

/// <summary>No route of all that there are reads a file or fetches an address that its caller names.</summary>
public sealed class NoPathTests(GatewayCluster cluster)
{
    // Whatever a route might take for a place: names that such parameters have elsewhere.
    private static readonly string[] Places =
    [
        "path",
        "paths",
        "file",
        "files",
        "url",
        "uri",
        "source",
        "callback",
        "callbackUrl",
        "webhook",
        "location",
        "artifact",
        "onnx",
        "model",
        "dataset",
        "input",
        "output",
        "target",
        "weights",
        "config",
        "topic",
        "subject",
    ];

    [Fact]
    public async Task Every_route_passes_over_places_that_its_caller_names()
    {
        var folder = Directory.CreateTempSubdirectory("oml-secret-").FullName;
        var secret = $"secret-{Guid.NewGuid():N}";
        var file = Path.Combine(folder, "secret.txt");
        await File.WriteAllTextAsync(file, secret, TestContext.Current.CancellationToken);
        await using var listener = await TestIssuer.StartAsync();
        await using var gateway = await TestGateway.StartAsync(cluster);
        var places = new[] { file, $"file://{file}", $"../../../../../../..{file}", listener.Url };
        var asked = 0;

        foreach (var place in places)
        foreach (var (method, path) in Routes(gateway, Uri.EscapeDataString(place)))
        {
            asked++;
            var query = string.Join(
                '&',
                Places.Select(name => $"{name}={Uri.EscapeDataString(place)}")
            );
            using var request = new HttpRequestMessage(method, $"{path}?{query}")
            {
                Content = method == HttpMethod.Get ? null : Body(place),
            };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(
                TestContext.Current.CancellationToken
            );
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            using var response = await gateway.Http.SendAsync(request, patience.Token);
            var text = await response.Content.ReadAsStringAsync(patience.Token);
            Assert.False(
                text.Contains(secret, StringComparison.Ordinal),
                $"{method} {path} gave the file away"
            );
        }

        Assert.True(asked > 100, $"only {asked} routes were asked");
        Assert.Empty(listener.Asked);
        Assert.Equal(
            secret,
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)
        );
        Directory.Delete(folder, recursive: true);
    }

    private static StringContent Body(string place)
    {
        var json = new StringBuilder("{");
        json.AppendJoin(',', Places.Select(name => $"\"{name}\":\"{place.Replace('\\', '/')}\""));
        return TestGateway.Json(json.Append('}').ToString());
    }

    private static IEnumerable<(HttpMethod Method, string Path)> Routes(
        TestGateway gateway,
        string value
    ) =>
        from endpoint in gateway
            .Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
        where !endpoint.DisplayName!.Contains("gRPC", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        select (
            new HttpMethod(method),
            "/"
                + string.Join(
                    '/',
                    endpoint.RoutePattern.PathSegments.Select(segment =>
                        string.Concat(
                            segment.Parts.Select(part =>
                                part
                                    is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal
                                    ? literal.Content
                                    : value
                            )
                        )
                    )
                )
        );
}
