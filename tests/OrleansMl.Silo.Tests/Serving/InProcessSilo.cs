using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>
/// A whole silo in this process, wired as the program wires it, on loopback sockets and without: gateway, grains, batcher and ONNX Runtime. Its
/// models give back what they get.
/// </summary>
internal sealed class InProcessSilo : IAsyncDisposable
{
    private readonly string _folder;
    private readonly DataDirectory _data;
    private readonly WebApplication _app;

    private InProcessSilo(
        string folder,
        DataDirectory data,
        WebApplication app,
        SiloEndpoints endpoints,
        ErrorLog log
    )
    {
        (_folder, _data, _app, Log) = (folder, data, app, log);
        Server = (InnerServer)app.Services.GetRequiredService<IServer>();
        Http = new Uri(endpoints.Url);
        Grpc = new Uri(endpoints.GrpcUrl!);
    }

    public InnerServer Server { get; }

    public ErrorLog Log { get; }

    public Uri Http { get; }

    public Uri Grpc { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts it with its models.</summary>
    /// <param name="settings">Further arguments of the silo's command line.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<InProcessSilo> StartAsync(
        string[] settings,
        CancellationToken cancellationToken
    )
    {
        NativeEnvironment.DisableOnnxRuntimeTelemetry();
        var folder = Directory.CreateTempSubdirectory("oml-inner-").FullName;
        string[] line =
        [
            "--data",
            folder,
            "--url",
            "http://127.0.0.1:0",
            "--grpc-url",
            "http://127.0.0.1:0",
            "--roles",
            "gateway,serve",
            .. settings,
        ];
        var configuration = SiloConfiguration.Load(
            SiloCommandLine.Parse(line),
            new Dictionary<string, string?>()
        );
        var data = DataDirectory.Lock(configuration.Silo.DataDirectory);
        var endpoints = SiloEndpoints.Resolve(configuration.Silo);
        var log = new ErrorLog();
        var app = SiloHost.Build(
            configuration,
            data,
            endpoints,
            new SiloIdentity(configuration.Silo.Name, 1, configuration.Silo.Labels),
            builder => Adjust(builder, log)
        );
        await SiloHost.PrepareDatabaseAsync(app, configuration, cancellationToken);
        await app.StartAsync(cancellationToken);
        var silo = new InProcessSilo(folder, data, app, endpoints, log);
        foreach (var model in EchoModel.All)
            await model.ImportAsync(silo.Server);
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _data.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Adjust(WebApplicationBuilder builder, ErrorLog log)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        var sockets = builder.Services.Last(service => service.ServiceType == typeof(IServer));
        builder.Services.Remove(sockets);
        builder.Services.AddSingleton<IServer>(provider => new InnerServer(
            (IServer)ActivatorUtilities.CreateInstance(provider, sockets.ImplementationType!)
        ));
    }
}
