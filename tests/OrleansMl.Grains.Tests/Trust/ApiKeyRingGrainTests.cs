using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Trust;

public sealed class ApiKeyRingGrainTests
{
    private static readonly TestSilo[] TwoSilos =
    [
        new("gateway", ["cpu:0"]),
        new("gateway,serve,train", ["cpu:0"]),
    ];

    private static CancellationToken Cancel => GrainCluster.Cancel;

    private static IApiKeyRingGrain Ring(GrainCluster cluster) =>
        cluster.Grains.GetGrain<IApiKeyRingGrain>(IApiKeyRingGrain.Key);

    private static ApiKeyChange New(string name, string secret) =>
        new()
        {
            CommandId = $"create-{name}",
            Id = name,
            Digest = ApiKeyText.Digest(secret),
            Name = name,
            Roles = [AccessRole.Predictor],
            Models = ["m*"],
            By = "root",
        };

    private static KeyRingEntry? Find(GrainCluster cluster, int silo, string secret)
    {
        Span<byte> digest = stackalloc byte[32];
        ApiKeyText.Hash(secret, digest);
        return cluster.Inner.Silos[silo].ServiceProvider.GetRequiredService<KeyRing>().Find(digest);
    }

    [Fact]
    public async Task Every_silo_acts_by_a_change_when_it_is_answered()
    {
        await using var cluster = await GrainCluster.StartAsync(null, TwoSilos);

        var made = await Ring(cluster).CreateAsync(New("a", "s1"), Cancel);

        Assert.Equal(["silo-0", "silo-1"], made.Confirmed);
        Assert.Empty(made.Unconfirmed);
        for (var silo = 0; silo < 2; silo++)
            Assert.Null(Find(cluster, silo, "s1")!.Key.RevokedAt);
        var revoked = await Ring(cluster)
            .RevokeAsync(new ApiKeyChange { CommandId = "revoke", Id = "a" }, Cancel);
        Assert.Equal(["silo-0", "silo-1"], revoked.Confirmed);
        for (var silo = 0; silo < 2; silo++)
            Assert.NotNull(Find(cluster, silo, "s1")!.Key.RevokedAt);
    }

    [Fact]
    public async Task A_repeated_command_makes_no_second_key_and_survives_the_activation()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var first = await Ring(cluster).CreateAsync(New("a", "s1"), Cancel);
        await cluster.DeactivateAsync(Ring(cluster));

        var again = await Ring(cluster).CreateAsync(New("a", "s2") with { Id = "other" }, Cancel);

        Assert.False(first.Repeated);
        Assert.True(again.Repeated);
        Assert.Equal("a", again.Key.Id);
        Assert.Null(Find(cluster, 0, "s2"));
        Assert.Single((await Ring(cluster).GetAsync(Cancel)).Keys);
    }

    [Fact]
    public async Task A_rotated_key_has_two_secrets_until_the_grace_ends()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await Ring(cluster).CreateAsync(New("a", "s1"), Cancel);

        var rotated = await Ring(cluster)
            .RotateAsync(
                new ApiKeyChange
                {
                    CommandId = "rotate",
                    Id = "a",
                    Digest = ApiKeyText.Digest("s2"),
                    Grace = TimeSpan.FromHours(1),
                },
                Cancel
            );

        Assert.Equal(cluster.Time.GetUtcNow().AddHours(1), rotated.Key.PreviousUntil);
        Assert.Equal(rotated.Key.PreviousUntil, Find(cluster, 0, "s1")!.Until);
        Assert.Null(Find(cluster, 0, "s2")!.Until);
    }

    [Fact]
    public async Task Wrong_keys_are_refused_by_name()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await Ring(cluster).CreateAsync(New("a", "s1"), Cancel);

        var wrong = await Assert.ThrowsAsync<InvalidInputException>(() =>
            Ring(cluster)
                .CreateAsync(
                    New("b", "s2") with
                    {
                        Name = "B B",
                        Roles = [],
                        Models = ["../x"],
                        ExpiresAt = cluster.Time.GetUtcNow(),
                    },
                    Cancel
                )
        );
        foreach (var part in new[] { "name:", "roles:", "models:", "expiresAt:" })
            Assert.Contains(part, wrong.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ConflictException>(() =>
            Ring(cluster)
                .CreateAsync(New("a", "s2") with { CommandId = "another", Id = "b" }, Cancel)
        );
        await Assert.ThrowsAsync<NotFoundException>(() =>
            Ring(cluster).RevokeAsync(new ApiKeyChange { CommandId = "c", Id = "none" }, Cancel)
        );
    }

    [Fact]
    public async Task A_change_that_could_not_be_written_is_seen_by_no_silo()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await Ring(cluster).CreateAsync(New("a", "s1"), Cancel);
        cluster.Faults.Down = true;

        await Assert.ThrowsAsync<UnavailableException>(() =>
            Ring(cluster).RevokeAsync(new ApiKeyChange { CommandId = "r", Id = "a" }, Cancel)
        );

        cluster.Faults.Down = false;
        Assert.Null(Find(cluster, 0, "s1")!.Key.RevokedAt);
        Assert.Null((await Ring(cluster).GetAsync(Cancel)).Keys[0].Key.RevokedAt);
    }
}
