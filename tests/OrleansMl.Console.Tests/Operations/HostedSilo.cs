using Microsoft.AspNetCore.Builder;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Console.Tests.Operations;

/// <summary>A silo with every role in this process, on loopback, with a database and workers of its own.</summary>
internal sealed class HostedSilo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataDirectory _data;

    private HostedSilo(WebApplication app, DataDirectory data, string url) =>
        (_app, _data, Url) = (app, data, url);

    public string Url { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts it as its program does.</summary>
    public static async Task<HostedSilo> StartAsync(string folder, params string[] settings)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var configuration = SiloConfiguration.Load(
            SiloCommandLine.Parse([
                "--name",
                "silo-1",
                "--data",
                folder,
                // A failed test's output is to be read by people.
                "--Logging:LogLevel:Orleans",
                "None",
                "--Logging:LogLevel:OrleansMl",
                "Error",
                "--Logging:LogLevel:Microsoft",
                "Error",
                "--Logging:LogLevel:Microsoft.Hosting.Lifetime",
                "None",
                "--Console:RefreshSeconds",
                "0.2",
                .. settings.Contains("--url")
                    ? settings
                    : ["--url", "http://127.0.0.1:0", .. settings],
            ]),
            new Dictionary<string, string?>()
        );
        var data = DataDirectory.Lock(configuration.Silo.DataDirectory);
        var identity = new SiloIdentity(
            configuration.Silo.Name,
            data.NextIncarnation(TimeProvider.System),
            configuration.Silo.Labels
        );
        var endpoints = SiloEndpoints.Resolve(configuration.Silo);
        var app = SiloHost.Build(configuration, data, endpoints, identity);
        await SiloHost.PrepareDatabaseAsync(app, configuration, cancellationToken);
        await app.StartAsync(cancellationToken);
        return new HostedSilo(app, data, endpoints.PublicUrl);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _data.Dispose();
    }
}
