using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>A fresh database with everything of this project wired to it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _folder;
    private readonly ServiceProvider _services;

    private TestDatabase(string folder, StorageOptions options)
    {
        _folder = folder;
        Options = options;
        _services = Build();
    }

    public StorageOptions Options { get; }

    public static async Task<TestDatabase> CreateAsync(
        DatabaseProvider provider,
        PostgresServer postgres,
        bool migrate = true
    )
    {
        var folder = Directory.CreateTempSubdirectory("oml-storage-").FullName;
        var options = new StorageOptions();
        options.Artifacts.Path = Path.Combine(folder, "artifacts");
        options.Artifacts.CachePath = Path.Combine(folder, "cache");
        options.Database.Provider = provider;
        options.Database.ConnectionString =
            provider == DatabaseProvider.Sqlite
                ? $"Data Source={Path.Combine(folder, "oml.db")}"
                : await postgres.CreateDatabaseAsync();
        var database = new TestDatabase(folder, options);
        if (migrate)
            await database
                .Get<IDatabaseMigrator>()
                .MigrateAsync(TestContext.Current.CancellationToken);
        return database;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Another process's view of the same database: its own container and connections.</summary>
    public ServiceProvider Build() =>
        new ServiceCollection().AddLogging().AddOrleansMlStorage(Options).BuildServiceProvider();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
