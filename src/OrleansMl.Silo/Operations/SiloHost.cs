using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Dashboard;
using OrleansMl.Bridges;
using OrleansMl.Bridges.Serving.Events;
using OrleansMl.Console;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Data;
using OrleansMl.Engines.Onnx;
using OrleansMl.Gateway;
using OrleansMl.Gateway.Trust;
using OrleansMl.Grains;
using OrleansMl.Silo.Artifacts;
using OrleansMl.Silo.Training;
using OrleansMl.Silo.Trust;
using OrleansMl.Storage;
using OrleansMl.Storage.Artifacts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Silo.Operations;

/// <summary>Wires a silo process.</summary>
internal static class SiloHost
{
    private const string Ready = "ready";

    // Beyond the hand-over: grains are deactivated and written, connections closed.
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(45);

    /// <summary>Builds the process from its configuration; nothing listens yet.</summary>
    /// <param name="configuration">The whole.</param>
    /// <param name="data">The silo's folder.</param>
    /// <param name="endpoints">Where it will listen.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="adjust">Changes what was registered, for tests that watch the silo from within.</param>
    public static WebApplication Build(
        SiloConfiguration configuration,
        DataDirectory data,
        SiloEndpoints endpoints,
        SiloIdentity identity,
        Action<WebApplicationBuilder>? adjust = null
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions
            {
                ApplicationName = typeof(SiloHost).Assembly.GetName().Name,
                ContentRootPath = AppContext.BaseDirectory,
            }
        );
        builder.Configuration.AddConfiguration(configuration.Root);
        builder
            .WebHost.UseKestrelCore()
            .UseSocketThreads(endpoints, configuration.Http)
            .UseTls(configuration.Security.Tls)
            .ConfigureKestrel(server =>
                SiloListeners.Listen(server, endpoints, configuration.Http)
            );
        builder.UseInferenceTransport();
        builder.AddObservability(configuration);
        var services = builder.Services;
        services.AddRouting();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(identity);
        services.AddSingleton(configuration);
        services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout =
                TimeSpan.FromSeconds(configuration.Workers.HandOverTimeoutSeconds) + LeaveTimeout;
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        services.AddOrleansMlStorage(configuration.Storage);
        services.AddSingleton<IArtifactPeers, ClusterArtifactPeers>();
        services.AddHealthChecks().AddCheck<SiloHealth>(Ready, tags: [Ready]);
        builder.Host.UseOrleans(silo =>
        {
            silo.UseCluster(configuration, endpoints);
            silo.UseClusterTls(configuration.Security.ClusterTls);
            silo.AddOrleansMlGrains();
            silo.UseGrainCallGuard(configuration);
        });
        // After the silo: these start when it is up and stop before it leaves.
        services.AddWorkerSupervision(configuration, data);
        services.AddOrleansMlEvents();
        var nats = new NatsOptions();
        configuration.Fill(NatsOptions.Section, nats);
        services.AddOrleansMlBridges(nats);
        AddRoles(builder, configuration);
        adjust?.Invoke(builder);
        var app = builder.Build();
        MapEndpoints(app, configuration);
        return app;
    }

    /// <summary>Brings the database up to date. An embedded one belongs to this process alone, so that whatever its membership table names is dead.</summary>
    public static async Task PrepareDatabaseAsync(
        WebApplication app,
        SiloConfiguration configuration,
        CancellationToken cancellationToken
    )
    {
        await app.Services.GetRequiredService<IDatabaseMigrator>().MigrateAsync(cancellationToken);
        if (configuration.Storage.Database.Provider != DatabaseProvider.Sqlite)
            return;
        var membership = app.Services.GetRequiredService<IMembershipTable>();
        await membership.InitializeMembershipTableAsync(true, cancellationToken);
        await membership.DeleteMembershipTableEntriesAsync(
            configuration.Silo.ClusterId,
            cancellationToken
        );
    }

    private static void AddRoles(WebApplicationBuilder builder, SiloConfiguration configuration)
    {
        var services = builder.Services;
        services.AddOrleansMlData(options =>
            configuration.Fill(ConfigurationSections.Data, options)
        );
        services.AddOnnxEngine(options => configuration.Fill(ConfigurationSections.Onnx, options));
        services
            .AddOptions<SecurityOptions>()
            .Configure(options => configuration.Fill(SecurityOptions.Section, options));
        services.AddOrleansMlGateway(options =>
        {
            options.SpoolDirectory = SiloConfiguration.DefaultSpool(configuration.Silo);
            configuration.Fill(GatewayOptions.Section, options);
        });
        if (HasConsole(configuration))
            services.AddOrleansMlConsole(options =>
                configuration.Fill(ConsoleOptions.Section, options)
            );
    }

    private static bool HasConsole(SiloConfiguration configuration) =>
        configuration.Silo.Roles.Contains(SiloRoles.Gateway)
        && configuration.Fill(ConsoleOptions.Section, new ConsoleOptions()).Enabled;

    private static void MapEndpoints(WebApplication app, SiloConfiguration configuration)
    {
        if (configuration.Silo.Roles.Contains(SiloRoles.Gateway))
            app.MapOrleansMlGateway();
        else
            app.UseOrleansMlTrust();
        if (HasConsole(configuration))
            app.MapOrleansMlConsole();
        app.MapArtifactPeers();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false })
            .IsOpen();
        app.MapHealthChecks(
                "/health/ready",
                new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) }
            )
            .IsOpen();
        if (configuration.Telemetry.Prometheus)
            app.MapPrometheusScrapingEndpoint("/metrics").Needs(Permission.Read);
        if (configuration.Silo.Dashboard)
            app.MapOrleansDashboard("/dashboard").Needs(Permission.Operate, ModelScope.All);
    }
}
