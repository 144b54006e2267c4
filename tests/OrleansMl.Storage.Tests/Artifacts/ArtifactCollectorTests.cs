using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class ArtifactCollectorTests(PostgresServer postgres)
    : DatabaseTest(DatabaseProvider.Sqlite, postgres)
{
    private readonly FakeTimeProvider _time = new(
        new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)
    );
    private readonly ArtifactCollectorOptions _options = new();

    [Fact]
    public async Task Only_what_is_old_and_unreferenced_goes()
    {
        var store = Open();
        var referenced = await PutAsync(store, 1);
        var garbage = await PutAsync(store, 2);
        await Db.Get<IArtifactReferences>().AddAsync("model/m@1", [referenced.Id], Token);
        _time.Advance(TimeSpan.FromHours(24));
        var atTheEdge = await PutAsync(store, 3);
        _time.Advance(TimeSpan.FromHours(1));
        var young = await PutAsync(store, 4);

        var dry = await Collector(store).CollectAsync(dryRun: true, Token);
        Assert.Equal(4, await store.ListAsync(Token).CountAsync(Token));
        var real = await Collector(store).CollectAsync(dryRun: false, Token);

        Assert.Equal(new ArtifactCollection(4, 2, 1, garbage.Bytes), dry);
        Assert.Equal(dry, real);
        Assert.Null(await store.FindAsync(garbage.Id, Token));
        foreach (var kept in new[] { referenced, atTheEdge, young })
            Assert.NotNull(await store.FindAsync(kept.Id, Token));
    }

    [Fact]
    public async Task What_is_released_goes_after_the_grace_period()
    {
        var store = Open();
        var info = await PutAsync(store, 1);
        await Db.Get<IArtifactReferences>().AddAsync("run/r", [info.Id], Token);
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, (await Collector(store).CollectAsync(false, Token)).Deleted);

        await Db.Get<IArtifactReferences>().ReleaseAsync("run/r", Token);

        Assert.Equal(1, (await Collector(store).CollectAsync(false, Token)).Deleted);
    }

    [Fact]
    public async Task What_is_put_again_between_the_look_and_the_delete_stays()
    {
        var store = Open();
        var info = await PutAsync(store, 1);
        _time.Advance(TimeSpan.FromDays(2));
        var references = new InterruptedReferences(
            Db.Get<IArtifactReferences>(),
            () => PutAsync(store, 1)
        );

        var collected = await Collector(store, references).CollectAsync(false, Token);

        Assert.Equal(0, collected.Deleted);
        Assert.NotNull(await store.FindAsync(info.Id, Token));
    }

    [Fact]
    public async Task Garbage_of_many_batches_goes_in_one_collection()
    {
        var store = Open();
        for (var i = 1; i <= 1100; i++)
            await PutAsync(store, i);
        _time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(1100, (await Collector(store).CollectAsync(false, Token)).Deleted);
    }

    [Fact]
    public async Task It_runs_by_itself_at_every_interval_and_goes_on_after_a_failure()
    {
        var store = Open();
        var turns = new SignallingReferences(Db.Get<IArtifactReferences>());
        await PutAsync(store, 1);
        _time.Advance(TimeSpan.FromDays(2));
        using var collector = Collector(store, turns);
        await collector.StartAsync(Token);

        turns.Fails = true;
        await turns.NextAsync(() => _time.Advance(TimeSpan.FromMinutes(60)));
        Assert.Equal(1, await store.ListAsync(Token).CountAsync(Token));
        turns.Fails = false;
        await turns.NextAsync(() => _time.Advance(TimeSpan.FromMinutes(60)));
        await collector.StopAsync(Token);

        Assert.Equal(0, await store.ListAsync(Token).CountAsync(Token));
    }

    private static Task<ArtifactInfo> PutAsync(LocalArtifactStore store, int i) =>
        store.PutAsync(new MemoryStream(BitConverter.GetBytes(i)), Token);

    private LocalArtifactStore Open() =>
        new(Db.Options.Artifacts.Path, _time, NullLogger<LocalArtifactStore>.Instance);

    private ArtifactCollector Collector(
        IArtifactStore store,
        IArtifactReferences? references = null
    ) =>
        new(
            store,
            references ?? Db.Get<IArtifactReferences>(),
            _options,
            _time,
            NullLogger<ArtifactCollector>.Instance
        );

    private class InterruptedReferences(IArtifactReferences inner, Func<Task> after)
        : IArtifactReferences
    {
        public Task AddAsync(
            string owner,
            IReadOnlyCollection<ArtifactId> artifacts,
            CancellationToken cancellationToken
        ) => inner.AddAsync(owner, artifacts, cancellationToken);

        public Task RemoveAsync(
            string owner,
            IReadOnlyCollection<ArtifactId> artifacts,
            CancellationToken cancellationToken
        ) => inner.RemoveAsync(owner, artifacts, cancellationToken);

        public Task ReleaseAsync(string owner, CancellationToken cancellationToken) =>
            inner.ReleaseAsync(owner, cancellationToken);

        public virtual async Task<IReadOnlySet<ArtifactId>> FindUnreferencedAsync(
            IReadOnlyCollection<ArtifactId> artifacts,
            CancellationToken cancellationToken
        )
        {
            var found = await inner.FindUnreferencedAsync(artifacts, cancellationToken);
            await after();
            return found;
        }
    }

    private sealed class SignallingReferences(IArtifactReferences inner)
        : InterruptedReferences(inner, () => Task.CompletedTask)
    {
        private TaskCompletionSource _turn = new();

        public bool Fails { get; set; }

        /// <summary>Does something and waits for the look at references that follows from it.</summary>
        public async Task NextAsync(Action cause)
        {
            _turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            cause();
            await _turn.Task.WaitAsync(Token);
        }

        public override async Task<IReadOnlySet<ArtifactId>> FindUnreferencedAsync(
            IReadOnlyCollection<ArtifactId> artifacts,
            CancellationToken cancellationToken
        )
        {
            try
            {
                return Fails
                    ? throw new UnavailableException("The database is away.")
                    : await base.FindUnreferencedAsync(artifacts, cancellationToken);
            }
            finally
            {
                _turn.TrySetResult();
            }
        }
    }
}
