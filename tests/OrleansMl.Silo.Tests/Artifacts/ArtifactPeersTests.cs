using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Silo.Operations;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Silo.Tests.Artifacts;

/// <summary>Two silos, each with a disk of its own.</summary>
public sealed class ArtifactPeersTests : IAsyncLifetime
{
    private const string Secret = "a secret of the cluster";
    private readonly string _directory = Directory.CreateTempSubdirectory("oml-peers-").FullName;
    private readonly List<(WebApplication App, DataDirectory Data, Uri Url)> _silos = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_gets_bytes_that_only_another_silos_disk_holds()
    {
        var content = new byte[3 << 20];
        new Random(1).NextBytes(content);
        var info = await Store(0).PutAsync(new MemoryStream(content), Token);

        await using var stream = await Store(1).OpenReadAsync(info.Id, null, Token);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);

        Assert.Equal(content, copy.ToArray());
        using var lease = await _silos[1]
            .App.Services.GetRequiredService<ILocalArtifacts>()
            .AcquireAsync(info.Id, Token);
        Assert.StartsWith(Path.Combine(_directory, "b"), lease.Path);
    }

    [Fact]
    public async Task What_no_silo_has_is_not_found()
    {
        await Assert.ThrowsAsync<ArtifactNotFoundException>(() =>
            Store(1).OpenReadAsync(ArtifactId.Of([7]), null, Token)
        );
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another secret, as long")]
    public async Task Without_the_secret_a_silo_gives_nothing(string? secret)
    {
        var info = await Store(0).PutAsync(new MemoryStream([1, 2, 3]), Token);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(_silos[0].Url, $"internal/artifacts/{info.Id}")
        );
        if (secret is not null)
            request.Headers.Authorization = new("Bearer", secret);

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.NotEqual([1, 2, 3], await response.Content.ReadAsByteArrayAsync(Token));
    }

    public async ValueTask InitializeAsync()
    {
        await StartAsync("a");
        await StartAsync("b");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (app, data, _) in Enumerable.Reverse(_silos))
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
            data.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private IArtifactStore Store(int silo) =>
        _silos[silo].App.Services.GetRequiredService<IArtifactStore>();

    private async Task StartAsync(string name)
    {
        var folder = Path.Combine(_directory, name);
        var configuration = SiloConfiguration.Load(
            SiloCommandLine.Parse([
                "--name",
                name,
                "--data",
                folder,
                "--url",
                "http://127.0.0.1:0",
                "--roles=serve",
                "--Silo:SiloPort",
                "0",
                "--Silo:GatewayPort",
                "0",
                "--Storage:Artifacts:Peers:Secret",
                Secret,
                "--Logging:Console:LogLevel:Default",
                "None",
                "--Storage:Database:ConnectionString",
                $"Data Source={Path.Combine(_directory, "shared.db")}",
            ]),
            new Dictionary<string, string?>()
        );
        var data = DataDirectory.Lock(folder);
        var endpoints = SiloEndpoints.Resolve(configuration.Silo);
        var app = SiloHost.Build(
            configuration,
            data,
            endpoints,
            new SiloIdentity(name, 1, new Dictionary<string, string>())
        );
        await app.Services.GetRequiredService<IDatabaseMigrator>().MigrateAsync(Token);
        await app.StartAsync(Token);
        _silos.Add((app, data, new Uri(endpoints.PublicUrl)));
    }
}
