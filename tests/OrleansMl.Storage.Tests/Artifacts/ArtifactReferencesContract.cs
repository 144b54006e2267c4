using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Artifacts;

public abstract class ArtifactReferencesContract(DatabaseProvider provider, PostgresServer postgres)
    : DatabaseTest(provider, postgres)
{
    private IArtifactReferences References => Db.Get<IArtifactReferences>();

    [Fact]
    public async Task What_one_of_two_owners_releases_stays_referenced()
    {
        await References.AddAsync("dataset/a@1", [Id(1), Id(2)], Token);
        await References.AddAsync("dataset/a@1", [Id(2), Id(3)], Token);
        await References.AddAsync("model/m@1", [Id(2)], Token);

        await References.ReleaseAsync("dataset/a@1", Token);
        await References.ReleaseAsync("dataset/unknown@1", Token);

        Assert.Equal([Id(1), Id(3), Id(4)], await UnreferencedAsync(Id(1), Id(2), Id(3), Id(4)));
    }

    [Fact]
    public async Task Removing_some_keeps_the_rest()
    {
        await References.AddAsync("run/r", [Id(1), Id(2), Id(3)], Token);

        await References.RemoveAsync("run/r", [Id(1), Id(3), Id(9)], Token);

        Assert.Equal([Id(1), Id(3)], await UnreferencedAsync(Id(1), Id(2), Id(3)));
    }

    [Fact]
    public async Task Thousands_at_once_are_kept_and_found()
    {
        var ids = Enumerable.Range(0, 2500).Select(Id).ToArray();
        await References.AddAsync("dataset/large@1", ids, Token);

        Assert.Empty(await UnreferencedAsync(ids));
        await References.RemoveAsync("dataset/large@1", ids[1000..], Token);
        Assert.Equal(1500, (await UnreferencedAsync(ids)).Length);
    }

    [Fact]
    public async Task Nothing_asked_is_nothing_found()
    {
        await References.AddAsync("run/r", [], Token);

        Assert.Empty(await UnreferencedAsync());
    }

    [Fact]
    public async Task Owners_that_add_the_same_artifacts_at_once_all_hold_them()
    {
        var ids = Enumerable.Range(0, 50).Select(Id).ToArray();
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    References.AddAsync($"run/{i}", i % 2 == 0 ? ids : [.. ids.Reverse()], Token)
                )
        );

        for (var i = 0; i < 7; i++)
            await References.ReleaseAsync($"run/{i}", Token);

        Assert.Empty(await UnreferencedAsync(ids));
    }

    private static ArtifactId Id(int i) => ArtifactId.Of(BitConverter.GetBytes(i));

    private async Task<ArtifactId[]> UnreferencedAsync(params ArtifactId[] ids)
    {
        var found = await References.FindUnreferencedAsync(ids, Token);
        return [.. ids.Where(found.Contains)];
    }
}
