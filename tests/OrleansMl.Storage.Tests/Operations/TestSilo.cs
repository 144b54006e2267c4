using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>A silo in this process, wired as a silo process wires it.</summary>
public sealed class TestSilo : IAsyncDisposable
{
    private TestSilo(IHost host) => Host = host;

    public IHost Host { get; }

    public static async Task<TestSilo> StartAsync(
        string name,
        StorageOptions options,
        ILoggerProvider? logs = null
    )
    {
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        builder.Services.AddOrleansMlStorage(options);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("test", "test"));
            silo.Configure<SiloOptions>(o => o.SiloName = name);
            silo.ConfigureEndpoints(
                IPAddress.Loopback,
                PostgresServer.FreePort(),
                PostgresServer.FreePort()
            );
            silo.UseAdoNetClustering(o =>
                o.Configure<IOrleansDatabase>(
                    (o, db) => (o.Invariant, o.DataSource) = (db.Invariant, db.DataSource)
                )
            );
            silo.AddAdoNetGrainStorage(
                "oml",
                o =>
                    o.Configure<IOrleansDatabase, ContractsGrainStorageSerializer>(
                        (o, db, serializer) =>
                            (o.Invariant, o.DataSource, o.GrainStorageSerializer) = (
                                db.Invariant,
                                db.DataSource,
                                serializer
                            )
                    )
            );
            silo.UseAdoNetReminderService(o =>
                o.Configure<IOrleansDatabase>(
                    (o, db) => (o.Invariant, o.DataSource) = (db.Invariant, db.DataSource)
                )
            );
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new TestSilo(host);
    }

    public IProbeGrain Grain(string key) =>
        Host.Services.GetRequiredService<IGrainFactory>().GetGrain<IProbeGrain>(key);

    public async Task<IReadOnlyDictionary<SiloAddress, SiloStatus>> HostsAsync() =>
        await Host
            .Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IManagementGrain>(0)
            .GetHosts(onlyActive: true, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync(CancellationToken.None);
        Host.Dispose();
    }
}
