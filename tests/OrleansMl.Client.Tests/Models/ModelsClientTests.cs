using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Models;
using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Client.Tests.Models;

public sealed class ModelsClientTests : IDisposable
{
    private const string OnnxPath = "/api/v1/models/m/versions/3/onnx";
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-client-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_download_is_checked_against_its_hash_and_moved_into_place()
    {
        var content = Encoding.UTF8.GetBytes("an onnx file");
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On("GET", OnnxPath, (context, _) => Send(context, content, content.Length));
        using var client = Client(gateway, new ManualClock());
        var path = Path.Combine(_folder, "m.onnx");
        await File.WriteAllTextAsync(path, "older", Token);

        var bytes = await client.Models.DownloadAsync("m", "3", ModelFile.Onnx, path, Token);

        Assert.Equal(content.Length, bytes);
        Assert.Equal(content, await File.ReadAllBytesAsync(path, Token));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Other_bytes_than_the_hash_says_leave_no_file()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            OnnxPath,
            async (context, _) =>
            {
                context.Response.Headers.ETag = $"\"{ArtifactId.Of("other"u8)}\"";
                await context.Response.WriteAsync("an onnx file", Token);
            }
        );
        using var client = Client(gateway, new ManualClock());

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Models.DownloadAsync(
                "m",
                "3",
                ModelFile.Onnx,
                Path.Combine(_folder, "m.onnx"),
                Token
            )
        );

        Assert.Contains("SHA-256", error.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_torn_download_begins_anew()
    {
        var content = new byte[100_000];
        new Random(5).NextBytes(content);
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            OnnxPath,
            async (context, count) =>
            {
                await Send(context, content, count == 1 ? 40_000 : content.Length);
                if (count == 1)
                    context.Abort();
            }
        );
        var clock = new ManualClock();
        using var client = Client(gateway, clock);
        var path = Path.Combine(_folder, "m.onnx");

        var call = client.Models.DownloadAsync("m", "3", ModelFile.Onnx, path, Token);
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(1));
        await call;

        Assert.Equal(content, await File.ReadAllBytesAsync(path, Token));
    }

    [Fact]
    public async Task An_alias_move_carries_its_expectation_and_a_command_id()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "PUT",
            "/api/v1/models/m/aliases/champion",
            (context, _) => FakeGateway.Error(context, 409, "conflict", "champion points at 5")
        );
        using var client = Client(gateway, new ManualClock());

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Models.MoveAliasAsync(
                "m",
                "champion",
                7,
                expected: 6,
                "better",
                cancellationToken: Token
            )
        );

        Assert.Equal(OrleansMlErrorCodes.Conflict, error.Code);
        var request = Assert.Single(gateway.Requests);
        Assert.Matches(
            "^\\{\"version\":7,\"expected\":6,\"reason\":\"better\",\"commandId\":\"[0-9a-z]{26}\",\"force\":false\\}$",
            request.Text
        );
    }

    private static async Task Send(HttpContext context, byte[] content, int count)
    {
        context.Response.ContentLength = content.Length;
        context.Response.Headers.ETag = $"\"{ArtifactId.Of(content)}\"";
        await context.Response.Body.WriteAsync(content.AsMemory(0, count), Token);
        await context.Response.Body.FlushAsync(Token);
    }

    private static OrleansMlClient Client(FakeGateway gateway, TimeProvider clock) =>
        new(
            new OrleansMlClientOptions
            {
                Endpoints = [gateway.Address],
                TimeProvider = clock,
                Random = new Random(1),
            }
        );
}
