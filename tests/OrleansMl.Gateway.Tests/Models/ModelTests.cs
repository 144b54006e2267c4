using System.Net;
using System.Net.Http.Headers;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Operations;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Models;

public sealed class ModelTests(GatewayCluster cluster)
{
    private static readonly byte[] Onnx = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private async Task AddAsync(TestGateway gateway, string model, int versions = 2)
    {
        using var content = new MemoryStream(Onnx);
        var stored = await gateway.Artifacts.PutAsync(
            content,
            TestContext.Current.CancellationToken
        );
        cluster.World.Models[model] = new ModelSnapshot
        {
            Name = model,
            LatestVersion = versions,
            Aliases = new Dictionary<string, int> { ["champion"] = 1 },
        };
        for (var i = 1; i <= versions; i++)
            cluster.World.Versions[$"{model}@{i}"] = new ModelVersionSnapshot
            {
                Id = new ModelVersionId(model, i),
                Onnx = stored.Id,
                Signature = ScriptedEngine.Signature,
                Lineage = new ModelLineage(),
            };
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("champion", 1)]
    [InlineData("latest", 2)]
    public async Task A_version_is_found_by_number_alias_and_latest(string reference, int version)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await AddAsync(gateway, "md-show");

        var found = await gateway.GetAsync<ModelVersionSnapshot>(
            $"/api/v1/models/md-show/versions/{reference}"
        );

        Assert.Equal(version, found.Id.Version);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("challenger")]
    public async Task A_version_that_is_not_there_is_a_404(string reference)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await AddAsync(gateway, "md-none");

        var error = await gateway.RefusedAsync(
            HttpMethod.Get,
            $"/api/v1/models/md-none/versions/{reference}",
            null,
            404,
            "not_found"
        );

        Assert.Contains(reference, error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_listed_for_their_model_alone()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        foreach (var key in new[] { "md-list@1", "md-list@2", "md-list2@1" })
            gateway.Catalog.Entries.Enqueue(
                new CatalogEntry(CatalogKinds.ModelVersion, key, "", default, "{}")
            );

        var page = await gateway.GetAsync<CatalogPage>("/api/v1/models/md-list/versions");

        Assert.Equal(["md-list@1", "md-list@2"], page.Items.Select(item => item.Key).Order());
    }

    [Fact]
    public async Task An_alias_moves_with_reason_and_caller_and_only_from_where_expected()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await AddAsync(gateway, "md-alias");
        const string Alias = "/api/v1/models/md-alias/aliases/champion";

        await gateway.RefusedAsync(
            HttpMethod.Put,
            Alias,
            TestGateway.Json("""{"version":2,"expected":2}"""),
            409,
            "conflict"
        );
        var moved = await gateway.SendAsync<ModelSnapshot>(
            HttpMethod.Put,
            Alias,
            TestGateway.Json("""{"version":2,"expected":1,"reason":"better"}""")
        );
        var removed = await gateway.SendAsync<ModelSnapshot>(
            HttpMethod.Delete,
            $"{Alias}?expected=2&reason=gone"
        );

        Assert.Equal(2, moved.Aliases["champion"]);
        Assert.Equal("better", moved.History[0].Reason);
        Assert.Equal("local", moved.History[0].By);
        Assert.Empty(removed.Aliases);
        Assert.Equal("gone", removed.History[0].Reason);
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("7")]
    [InlineData("UPPER")]
    public async Task An_alias_that_reads_as_a_version_is_refused(string alias)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await AddAsync(gateway, "md-badalias");

        await gateway.RefusedAsync(
            HttpMethod.Put,
            $"/api/v1/models/md-badalias/aliases/{alias}",
            TestGateway.Json("""{"version":1}"""),
            400,
            "invalid_request"
        );
    }

    [Fact]
    public async Task An_onnx_file_is_checked_by_the_engine_and_registered()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var version = await gateway.SendAsync<ModelVersionSnapshot>(
            HttpMethod.Post,
            "/api/v1/models/md-import/import?label=a&label=b&label=c&source=elsewhere",
            new ByteArrayContent(ScriptedEngine.Model),
            201
        );

        Assert.Equal("md-import@1", version.Id.ToString());
        Assert.Equal(ArtifactId.Of(ScriptedEngine.Model), version.Onnx);
        Assert.Equal(["a", "b", "c"], version.Signature.ClassLabels);
        Assert.Equal("classification", version.Signature.Task);
        Assert.Equal("elsewhere", version.Lineage.Source);
        Assert.Equal("local", version.RegisteredBy);
        Assert.Equal(1, gateway.Engine.Loads);
        Assert.Empty(gateway.SpooledFiles);
    }

    [Theory]
    [InlineData("", "no model at all", 400, "invalid_input", "ONNX")]
    [InlineData("", "", 400, "invalid_request", "empty")]
    [InlineData("?task=cats", "x", 400, "invalid_request", "cats")]
    [InlineData("?label=a&label=a", "x", 400, "invalid_request", "label")]
    public async Task A_file_or_parameter_that_is_wrong_registers_nothing(
        string query,
        string body,
        int status,
        string code,
        string named
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            $"/api/v1/models/md-bad/import{query}",
            new StringContent(body),
            status,
            code
        );

        Assert.Contains(named, error.Error, StringComparison.Ordinal);
        Assert.False(cluster.World.Models.ContainsKey("md-bad"));
        Assert.Empty(gateway.SpooledFiles);
    }

    [Fact]
    public async Task Labels_that_fit_no_output_are_refused()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/models/md-labels/import?label=a&label=b",
            new ByteArrayContent(ScriptedEngine.Model),
            400,
            "invalid_input"
        );

        Assert.Contains("scores", error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_model_over_the_limit_is_refused_with_or_without_a_length(bool hasLength)
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxModelBytes = 1000
        );
        gateway.Http.DefaultRequestHeaders.TransferEncodingChunked = !hasLength;

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/models/md-large/import",
            new ByteArrayContent(new byte[400_000]),
            413,
            "body_too_large"
        );

        Assert.Contains("Gateway:MaxModelBytes", error.Error, StringComparison.Ordinal);
        Assert.Empty(gateway.SpooledFiles);
    }

    [Fact]
    public async Task Files_come_whole_in_parts_or_not_at_all_by_their_hash()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await AddAsync(gateway, "md-file");
        const string Path = "/api/v1/models/md-file/versions/1/onnx";
        var hash = ArtifactId.Of(Onnx).Hex;

        using var whole = await SendAsync(gateway, HttpMethod.Get, Path);
        using var part = await SendAsync(
            gateway,
            HttpMethod.Get,
            Path,
            headers => headers.Range = new RangeHeaderValue(10, 19)
        );
        using var same = await SendAsync(
            gateway,
            HttpMethod.Get,
            Path,
            headers => headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{hash}\""))
        );
        using var head = await SendAsync(gateway, HttpMethod.Head, Path);
        using var beyond = await SendAsync(
            gateway,
            HttpMethod.Get,
            Path,
            headers => headers.Range = new RangeHeaderValue(5000, 6000)
        );
        using var artifact = await SendAsync(gateway, HttpMethod.Get, $"/api/v1/artifacts/{hash}");

        Assert.Equal(Onnx, await BytesAsync(whole));
        Assert.Equal($"\"{hash}\"", whole.Headers.ETag!.Tag);
        Assert.Equal("md-file-1.onnx", whole.Content.Headers.ContentDisposition!.FileName);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(Onnx[10..20], await BytesAsync(part));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(Onnx.Length, head.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Contains(
            "range_not_satisfiable",
            await beyond.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Equal(Onnx, await BytesAsync(artifact));
    }

    [Fact]
    public async Task Weights_and_artifacts_that_are_not_there_are_a_404()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await AddAsync(gateway, "md-noweights");

        var weights = await gateway.RefusedAsync(
            HttpMethod.Get,
            "/api/v1/models/md-noweights/versions/1/weights",
            null,
            404,
            "not_found"
        );
        await gateway.RefusedAsync(
            HttpMethod.Get,
            $"/api/v1/artifacts/{new string('0', 64)}",
            null,
            404,
            "not_found"
        );

        Assert.Contains("weights", weights.Error, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        TestGateway gateway,
        HttpMethod method,
        string path,
        Action<HttpRequestHeaders>? headers = null
    )
    {
        using var request = new HttpRequestMessage(method, path);
        headers?.Invoke(request.Headers);
        return await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<byte[]> BytesAsync(HttpResponseMessage response) =>
        response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
}
