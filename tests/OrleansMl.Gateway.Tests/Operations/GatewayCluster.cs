using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.TestingHost;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Tests.Trust;
using OrleansMl.Storage;
using OrleansMl.Storage.Operations;

[assembly: AssemblyFixture(typeof(OrleansMl.Gateway.Tests.Operations.GatewayCluster))]

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>One silo for all tests, with grains that hold what a test puts into the world.</summary>
public sealed class GatewayCluster : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-gateway-").FullName;
    private InProcessTestCluster? _cluster;

    public ClusterWorld World { get; } = new();

    public KeyRingWorld Keys { get; } = new();

    /// <summary>Topics on a real database, shared like the cluster.</summary>
    public ServiceProvider Storage { get; private set; } = null!;

    /// <summary>An Orleans client, as an application beside the cluster has one.</summary>
    public IClusterClient Client => _cluster!.Client;

    public IServiceProvider Silo => _cluster!.GetSiloServiceProvider();

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo(
            (_, silo) =>
            {
                silo.Services.AddSingleton(World);
                silo.Services.AddSingleton(Keys);
                silo.Services.AddTransient(_ => World.Serving!.GetRequiredService<ModelInvoker>());
                silo.Services.AddTransient(_ =>
                    World.Serving!.GetRequiredService<ModelSignatures>()
                );
                silo.UseSiloMetadata(
                    new Dictionary<string, string>
                    {
                        [SiloMetadataKeys.Roles] = "gateway,serve",
                        [SiloMetadataKeys.Accelerators] = "cpu",
                        [SiloMetadataKeys.Memory] = "1024",
                        [SiloMetadataKeys.GatewayUrl] = "http://127.0.0.1:8080",
                        [SiloMetadataKeys.GrpcUrl] = "http://127.0.0.1:8081",
                        [SiloMetadataKeys.LabelPrefix + "zone"] = "a",
                    }
                );
            }
        );
        _cluster = builder.Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
        var options = new StorageOptions();
        options.Database.ConnectionString = $"Data Source={Path.Combine(_folder, "oml.db")}";
        options.Artifacts.Path = Path.Combine(_folder, "artifacts");
        Storage = new ServiceCollection()
            .AddLogging()
            .AddOrleansMlStorage(options)
            .BuildServiceProvider();
        await Storage
            .GetRequiredService<IDatabaseMigrator>()
            .MigrateAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        if (Storage is not null)
            await Storage.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
