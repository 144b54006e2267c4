using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Core.Serving.Watching.Quality;
using OrleansMl.Core.Training;
using OrleansMl.Core.Trust;
using OrleansMl.Storage.Artifacts;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Serving;
using OrleansMl.Storage.Serving.Events;
using OrleansMl.Storage.Training;
using OrleansMl.Storage.Trust;

namespace OrleansMl.Storage;

/// <summary>Wires the storage.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>
    /// Adds the database (<see cref="IDatabaseMigrator"/>, <see cref="IDatabaseHealth"/>, <see cref="IOrleansDatabase"/>),
    /// the stores of Core's ports on it, topics with their upkeep, the artifact store and grain state as JSON. Call
    /// <see cref="IDatabaseMigrator.MigrateAsync"/> before the silo starts. A <see cref="TimeProvider"/> may be registered
    /// before; the system's clock is the default.
    /// </summary>
    /// <exception cref="InvalidInputException">An option is wrong; the message names each key.</exception>
    public static IServiceCollection AddOrleansMlStorage(
        this IServiceCollection services,
        StorageOptions options
    )
    {
        var errors = options.Validate();
        if (errors.Count > 0)
            throw new InvalidInputException(string.Join(Environment.NewLine, errors));

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(Options.Create(options.Database));
        services.AddSingleton(Options.Create(options.Artifacts));
        services.AddSingleton(provider => CreateDatabase(provider, options.Database));
        services.AddSingleton<IOrleansDatabase>(provider => new OrleansDatabase(
            provider.GetRequiredService<Database>(),
            CreateRetry(provider, options.Database.OrleansRetrySeconds)
        ));
        services.AddSingleton<IDatabaseMigrator, DatabaseMigrator>();
        services.AddSingleton<IDatabaseHealth, DatabaseHealth>();
        services.AddSingleton<ICatalog, SqlCatalog>();
        services.AddSingleton<IArtifactReferences, SqlArtifactReferences>();
        services.AddSingleton<ITrainingMetricsStore, SqlTrainingMetricsStore>();
        services.AddSingleton<IFeedbackStore, SqlFeedbackStore>();
        services.AddSingleton<IQualityStore, SqlQualityStore>();
        services.AddSingleton<IAuditLog, SqlAuditLog>();
        services.AddSingleton<IClusterKeys, SqlClusterKeys>();
        services.AddSingleton<ContractsGrainStorageSerializer>();
        services.AddEvents();
        return services.AddArtifacts(options.Artifacts);
    }

    private static void AddEvents(this IServiceCollection services)
    {
        services.AddSingleton<EventSignals>();
        services.AddSingleton<EventRows>();
        services.AddSingleton<EventTransactions>();
        services.AddSingleton<EventTrimming>();
        services.AddSingleton<IEventLog, SqlEventLog>();
        services.AddSingleton<IEventPublisher>(provider =>
            provider.GetRequiredService<IEventLog>()
        );
        services.AddSingleton<IConsumerGroups, SqlConsumerGroups>();
        services.AddHostedService<EventListener>();
        services.AddHostedService<EventUpkeep>();
    }

    private static IServiceCollection AddArtifacts(
        this IServiceCollection services,
        ArtifactOptions options
    )
    {
        services.AddSingleton(options.Peers);
        services.AddSingleton(options.Collector);
        // The one folder of this process: its own store, or the cache before a remote one.
        services.AddSingleton(provider => new LocalArtifactStore(
            options.Kind == ArtifactKind.Local ? options.Path : options.CachePath,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LocalArtifactStore>>()
        ));
        services.AddSingleton(provider => CreateStore(provider, options));
        services.AddSingleton(provider =>
            (ILocalArtifacts)provider.GetRequiredService<IArtifactStore>()
        );
        services.AddSingleton<IArtifactPeerResponder, ArtifactPeerResponder>();
        services.AddSingleton<ArtifactCollector>();
        services.AddSingleton<IArtifactCollector>(provider =>
            provider.GetRequiredService<ArtifactCollector>()
        );
        services.AddHostedService(provider => provider.GetRequiredService<ArtifactCollector>());
        return services;
    }

    private static IArtifactStore CreateStore(IServiceProvider provider, ArtifactOptions options)
    {
        var local = provider.GetRequiredService<LocalArtifactStore>();
        var time = provider.GetRequiredService<TimeProvider>();
        return options.Kind switch
        {
            ArtifactKind.PostgreSql => Cached(
                new PostgreSqlArtifactStore(provider.GetRequiredService<Database>(), time)
            ),
            ArtifactKind.S3 => Cached(
                new S3ArtifactStore(
                    S3Clients.Create(options.S3, null),
                    options.S3,
                    local,
                    provider.GetRequiredService<ILogger<S3ArtifactStore>>()
                )
            ),
            _ when options.Peers.Secret.Length > 0
                    && provider.GetService<IArtifactPeers>() is { } peers => new PeerArtifactStore(
                local,
                peers,
                // The store times answers and bytes itself; a large artifact may take longer than any fixed limit.
                new HttpClient { Timeout = Timeout.InfiniteTimeSpan },
                options.Peers,
                time,
                provider.GetRequiredService<ILogger<PeerArtifactStore>>()
            ),
            _ => local,
        };

        CachedArtifactStore Cached(IArtifactStore remote) =>
            new(
                remote,
                local,
                options.CacheBytes,
                provider.GetRequiredService<ILogger<CachedArtifactStore>>()
            );
    }

    private static Database CreateDatabase(IServiceProvider provider, DatabaseOptions options)
    {
        var retry = CreateRetry(provider, options.RetrySeconds);
        return options.Provider == DatabaseProvider.Sqlite
            ? new SqliteDatabase(options.ConnectionString, retry)
            : new PostgreSqlDatabase(
                options.ConnectionString,
                TimeSpan.FromSeconds(options.IdleTransactionSeconds),
                retry
            );
    }

    private static DatabaseRetry CreateRetry(IServiceProvider provider, int seconds) =>
        new(
            TimeSpan.FromSeconds(seconds),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DatabaseRetry>>()
        );
}
