using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Core.Serving.Explanations;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Sequences;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Core.Training;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Sockets;
using OrleansMl.Gateway.Tests.Trust;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>The gateway on Kestrel at a loopback port, over the shared cluster and ports of its own.</summary>
public sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _spool;

    private TestGateway(WebApplication app, string spool)
    {
        (_app, _spool) = (app, spool);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        GrpcUrl = app.Urls.Last();
    }

    public string GrpcUrl { get; }

    public WorldResidency Residency => Services.GetRequiredService<WorldResidency>();

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public MemoryCatalog Catalog => Services.GetRequiredService<MemoryCatalog>();

    public FolderArtifacts Artifacts => Services.GetRequiredService<FolderArtifacts>();

    public MemoryMetrics Metrics => Services.GetRequiredService<MemoryMetrics>();

    public ScriptedImporter Importer => Services.GetRequiredService<ScriptedImporter>();

    public ScriptedEngine Engine => Services.GetRequiredService<ScriptedEngine>();

    public WorldSequences Sequences => Services.GetRequiredService<WorldSequences>();

    public WorldPredictor Predictor => Services.GetRequiredService<WorldPredictor>();

    public IEnumerable<string> SpooledFiles =>
        Directory
            .EnumerateFiles(_spool, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) != ".lock");

    public static async Task<TestGateway> StartAsync(
        GatewayCluster cluster,
        Action<GatewayOptions>? configure = null,
        Action<SecurityOptions>? secure = null,
        TimeProvider? time = null,
        Action<LimitOptions>? limit = null
    )
    {
        var spool = Directory.CreateTempSubdirectory("oml-test-spool").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        // The first is HTTP's, the second gRPC's.
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            server.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.WebHost.UseEpoll(new EpollSettings { Threads = 2 });
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        var services = builder.Services;
        if (time is not null)
            services.AddSingleton(time);
        services.AddOrleansMlGateway(options =>
        {
            options.SpoolDirectory = spool;
            options.MinFreeBytes = 0;
            configure?.Invoke(options);
        });
        if (secure is not null)
            services.Configure(secure);
        if (limit is not null)
            services.Configure(limit);
        var silo = cluster.Silo;
        services.AddSingleton(silo.GetRequiredService<IGrainFactory>());
        services.AddSingleton(silo.GetRequiredService<IClusterMembershipService>());
        services.AddSingleton(silo.GetRequiredService<ISiloMetadataCache>());
        services.AddSingleton(silo.GetRequiredService<ILocalSiloDetails>());
        services.AddSingleton(silo.GetRequiredService<IOptions<ClusterOptions>>());
        services.AddSingleton(cluster.World);
        services.AddSingleton(cluster.Storage.GetRequiredService<IEventLog>());
        services.AddSingleton(cluster.Storage.GetRequiredService<IConsumerGroups>());
        services.AddSingleton(cluster.Storage.GetRequiredService<EventSignals>());
        Port<ICatalog, MemoryCatalog>(services);
        Port<IArtifactStore, FolderArtifacts>(services);
        services.AddSingleton<ILocalArtifacts>(p => p.GetRequiredService<FolderArtifacts>());
        Port<ITrainingMetricsStore, MemoryMetrics>(services);
        Port<IDatasetImporter, ScriptedImporter>(services);
        services.AddSingleton<IDatasetPreview>(p => p.GetRequiredService<ScriptedImporter>());
        Port<IInferenceEngine, ScriptedEngine>(services);
        Port<ILocalPredictor, WorldPredictor>(services);
        services.AddSingleton<IModelSource, WorldModelSource>();
        services.AddSingleton<IModelPredictor, WorldModelPredictor>();
        services.AddSingleton<IServingSilos, WorldServingSilos>();
        Port<IAuditLog, MemoryAuditLog>(services);
        Port<IClusterKeys, MemoryClusterKeys>(services);
        Port<IModelResidency, WorldResidency>(services);
        services.AddSingleton<IServingStatistics>(p => p.GetRequiredService<WorldResidency>());
        services.AddOrleansMlServing();
        Port<ISequenceRunner, WorldSequences>(services);
        services.AddSingleton<IExplanationReferences, WorldReferences>();
        services.AddSingleton<ModelExplainer>();
        var app = builder.Build();
        cluster.Keys.Join(app.Services.GetRequiredService<KeyRing>());
        app.MapOrleansMlGateway();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestGateway(app, spool);
    }

    /// <summary>Sends, and reads the answer as this type after checking its status.</summary>
    public async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        HttpContent? content = null,
        int status = 200
    )
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<T>(text, ContractsJson.Options)!;
    }

    public Task<T> GetAsync<T>(string path) => SendAsync<T>(HttpMethod.Get, path);

    /// <summary>Sends, and checks that the answer is an error of this status and code, in the one shape.</summary>
    public async Task<ApiError> RefusedAsync(
        HttpMethod method,
        string path,
        HttpContent? content,
        int status,
        string code
    )
    {
        var error = await SendAsync<ApiError>(method, path, content, status);
        Assert.True(error.Code == code, $"{error.Code}: {error.Error}");
        Assert.NotEmpty(error.Error);
        return error;
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public static JsonContent Json<T>(T value) =>
        JsonContent.Create(value, options: ContractsJson.Options);

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_spool, recursive: true);
    }

    private static void Port<TPort, TFake>(IServiceCollection services)
        where TPort : class
        where TFake : class, TPort
    {
        services.AddSingleton<TFake>();
        services.AddSingleton<TPort>(p => p.GetRequiredService<TFake>());
    }
}
