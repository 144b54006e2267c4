using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>docs/openapi.json is what the gateway serves.</summary>
public sealed class OpenApiDocumentTests(GatewayCluster cluster)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_committed_document_is_the_served_one()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var served = (await gateway.GetAsync<JsonNode>("/openapi/v1.json")).AsObject();
        // Where this test listens.
        served.Remove("servers");
        var text = served.ToJsonString(Indented) + "\n";
        var file = PathOf("docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("OML_REGENERATE") == "1")
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        Assert.True(
            File.Exists(file)
                && await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) == text,
            "docs/openapi.json is out of date: run scripts/docs and commit it."
        );
    }

    private static string PathOf(string folder, string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", folder, name)
        );
}
