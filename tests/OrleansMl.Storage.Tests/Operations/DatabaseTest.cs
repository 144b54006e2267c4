using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>A contract suite that runs against one database; each test has a fresh one.</summary>
public abstract class DatabaseTest(DatabaseProvider provider, PostgresServer postgres)
    : IAsyncLifetime
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TestDatabase Db { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Db = await TestDatabase.CreateAsync(provider, postgres);

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
