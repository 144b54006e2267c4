using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Datasets;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Datasets;

public sealed class UploadTests(GatewayCluster cluster)
{
    private static MultipartFormDataContent Form(
        string? options = null,
        params (string Name, string Content)[] files
    )
    {
        var form = new MultipartFormDataContent();
        if (options is not null)
            form.Add(new StringContent(options), "options");
        foreach (var (name, content) in files)
            form.Add(new StringContent(content), "files", name);
        return form;
    }

    [Fact]
    public async Task An_upload_reaches_the_importer_as_files_and_becomes_a_version()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var contents = new Dictionary<string, string>();
        gateway.Importer.Scripts["up-ok"] = async (request, _, token) =>
        {
            foreach (var file in request.Files)
                contents[file.Name] = await File.ReadAllTextAsync(file.Path, token);
        };
        const string Options = """
            {"format":"csv","splits":{"kind":"random","seed":7,"validation":0.2,"test":0},
             "columnKinds":{"x":"number"},"classNames":["a","b"],"commandId":"up-ok-1"}
            """;

        var manifest = await gateway.SendAsync<DatasetManifest>(
            HttpMethod.Post,
            "/api/v1/datasets/up-ok/import",
            Form(Options, ("../../etc/a.csv", "x\n1\n"), ("b.csv", "x\n2\n")),
            201
        );

        Assert.Equal("up-ok@1", manifest.Id.ToString());
        Assert.Equal("x\n1\n", contents["a.csv"]);
        Assert.Equal("x\n2\n", contents["b.csv"]);
        var request = gateway.Importer.Requests["up-ok"];
        Assert.Equal("csv", request.Format);
        Assert.Equal(SplitKind.Random, request.Splits.Kind);
        Assert.Equal(7, request.Splits.Seed);
        Assert.Equal(ColumnKind.Number, request.ColumnKinds["x"]);
        Assert.Equal(["a", "b"], request.ClassNames);
        Assert.Null(request.AppendTo);
        Assert.Null(cluster.World.Commits["up-ok-1"].AppendTo);
        Assert.Empty(gateway.SpooledFiles);
    }

    [Fact]
    public async Task Appending_extends_the_newest_version_with_its_splits()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        const string Path = "/api/v1/datasets/up-append/import";

        await gateway.RefusedAsync(
            HttpMethod.Post,
            Path,
            Form("""{"append":true}""", ("a.csv", "x")),
            404,
            "not_found"
        );
        await gateway.SendAsync<DatasetManifest>(
            HttpMethod.Post,
            Path,
            Form("""{"splits":{"seed":99}}""", ("a.csv", "x")),
            201
        );
        var second = await gateway.SendAsync<DatasetManifest>(
            HttpMethod.Post,
            Path,
            Form("""{"append":true}""", ("b.csv", "x")),
            201
        );

        Assert.Equal(2, second.Id.Version);
        Assert.Equal(1, second.Parent);
        Assert.Equal(99, gateway.Importer.Requests["up-append"].Splits.Seed);
        Assert.Equal(1, gateway.Importer.Requests["up-append"].AppendTo!.Id.Version);
    }

    [Fact]
    public async Task What_the_importer_refuses_is_a_400_and_leaves_nothing()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        gateway.Importer.Scripts["up-bad"] = (_, _, _) =>
            throw new InvalidInputException("a.csv, line 3: expected 2 fields, got 3.");

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/up-bad/import",
            Form(null, ("a.csv", "x")),
            400,
            "invalid_input"
        );

        Assert.Contains("line 3", error.Error, StringComparison.Ordinal);
        Assert.False(cluster.World.Datasets.ContainsKey("up-bad"));
        Assert.Empty(gateway.SpooledFiles);
    }

    public static TheoryData<string, HttpContent> Malformed =>
        new()
        {
            { "no files", Form("{}") },
            { "options", Form("{\"append\":3}", ("a.csv", "x")) },
            { "options", Form("{", ("a.csv", "x")) },
            {
                "other",
                new MultipartFormDataContent { { new StringContent("x"), "other" } }
            },
            {
                "twice",
                new MultipartFormDataContent
                {
                    { new StringContent("{}"), "options" },
                    { new StringContent("{}"), "options" },
                }
            },
            { "malformed", Cut() },
        };

    // Ends inside its first part.
    private static StringContent Cut()
    {
        var content = new StringContent(
            "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\r\n\r\nx\r\n"
        );
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        return content;
    }

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public async Task A_malformed_upload_is_refused_naming_the_part(
        string named,
        HttpContent content
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/up-malformed/import",
            content,
            400,
            "invalid_request"
        );

        Assert.Contains(named, error.Error, StringComparison.Ordinal);
        Assert.False(gateway.Importer.Requests.ContainsKey("up-malformed"));
        Assert.Empty(gateway.SpooledFiles);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/up-type/import",
            new StringContent("x,y"),
            415,
            "unsupported_media_type"
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_over_the_limit_is_refused_with_or_without_a_length(bool hasLength)
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxUploadBytes = 100_000
        );
        gateway.Http.DefaultRequestHeaders.TransferEncodingChunked = !hasLength;

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/up-large/import",
            Form(null, ("a.csv", new string('x', 60_000)), ("b.csv", new string('x', 60_000))),
            413,
            "body_too_large"
        );

        Assert.Contains("Gateway:MaxUploadBytes", error.Error, StringComparison.Ordinal);
        Assert.Empty(gateway.SpooledFiles);
    }

    [Fact]
    public async Task Too_many_files_are_refused()
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxUploadFiles = 1
        );

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/up-many/import",
            Form(null, ("a.csv", "x"), ("b.csv", "x")),
            400,
            "invalid_request"
        );

        Assert.Contains("Gateway:MaxUploadFiles", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_refuses_the_upload_before_it_is_read()
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MinFreeBytes = long.MaxValue / 2
        );

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/up-full/import",
            Form(null, ("a.csv", "x")),
            507,
            "storage_full"
        );

        Assert.Contains("Gateway:MinFreeBytes", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_import_more_than_allowed_is_refused_until_another_ends()
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxConcurrentImports = 1
        );
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Importer.Scripts["up-busy"] = (_, _, token) =>
        {
            entered.SetResult();
            return release.Task.WaitAsync(token);
        };
        var first = gateway.SendAsync<DatasetManifest>(
            HttpMethod.Post,
            "/api/v1/datasets/up-busy/import",
            Form(null, ("a.csv", "x")),
            201
        );
        await entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/datasets/up-second/import",
            Form(null, ("a.csv", "x")),
            429,
            "overloaded"
        );
        release.SetResult();
        await first;
        await gateway.SendAsync<DatasetManifest>(
            HttpMethod.Post,
            "/api/v1/datasets/up-second/import",
            Form(null, ("a.csv", "x")),
            201
        );
    }

    [Fact]
    public async Task A_caller_that_goes_away_stops_the_import_and_its_files_are_deleted()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Importer.Scripts["up-gone"] = async (_, _, token) =>
        {
            entered.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
            finally
            {
                stopped.SetResult();
            }
        };
        using var leave = new CancellationTokenSource();
        var call = gateway.Http.PostAsync(
            "/api/v1/datasets/up-gone/import",
            Form(null, ("a.csv", "x")),
            leave.Token
        );
        await entered.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(gateway.SpooledFiles);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await stopped.Task.WaitAsync(TestContext.Current.CancellationToken);
        // A stop waits for the requests in flight.
        await gateway.StopAsync();
        Assert.Empty(gateway.SpooledFiles);
        Assert.False(cluster.World.Datasets.ContainsKey("up-gone"));
    }

    [Fact]
    public async Task Progress_comes_as_events_and_then_the_manifest()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Importer.Scripts["up-events"] = async (_, progress, token) =>
        {
            progress!.Report(new DatasetImportProgress(5, 10, 20));
            await reported.Task.WaitAsync(token);
        };
        gateway.Http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            "/api/v1/datasets/up-events/import"
        )
        {
            Content = Form(null, ("a.csv", "x")),
        };

        using var response = await gateway.Http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        await using var events = await EventReader.OpenAsync(response);
        var progress = await events.NextAsync();
        reported.SetResult();
        var done = await events.NextAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("progress", progress!.Name);
        Assert.Equal(5, progress.Data.GetProperty("rows").GetInt64());
        Assert.Equal(10, progress.Data.GetProperty("bytesRead").GetInt64());
        Assert.Equal(20, progress.Data.GetProperty("bytesTotal").GetInt64());
        Assert.Equal("done", done!.Name);
        Assert.Equal(
            "up-events@1",
            done.Data.GetProperty("manifest").GetProperty("id").GetString()
        );
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    public async Task A_failed_import_ends_its_events_with_the_error()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        gateway.Importer.Scripts["up-failed"] = (_, _, _) =>
            throw new InvalidInputException("a.csv is empty.");
        gateway.Http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");

        using var response = await gateway.Http.PostAsync(
            "/api/v1/datasets/up-failed/import",
            Form(null, ("a.csv", "x")),
            TestContext.Current.CancellationToken
        );
        await using var events = await EventReader.OpenAsync(response);
        var error = await events.NextAsync();

        Assert.Equal("error", error!.Name);
        var body = error.Data.Deserialize<ApiError>(ContractsJson.Options)!;
        Assert.Equal("invalid_input", body.Code);
        Assert.Equal("a.csv is empty.", body.Error);
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    public async Task A_quiet_import_sends_heartbeats()
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.HeartbeatSeconds = 0.1
        );
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Importer.Scripts["up-quiet"] = (_, _, token) => release.Task.WaitAsync(token);
        gateway.Http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            "/api/v1/datasets/up-quiet/import"
        )
        {
            Content = Form(null, ("a.csv", "x")),
        };

        using var response = await gateway.Http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        await using var events = await EventReader.OpenAsync(response);
        await events.HeartbeatAsync();
        release.SetResult();

        Assert.Equal("done", (await events.NextAsync())!.Name);
    }
}
