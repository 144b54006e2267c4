using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Training;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Tests.Operations;
using OrleansMl.Grains.Tests.Serving;

namespace OrleansMl.Grains.Tests.Trust;

/// <summary>Two silos that check calls, and an Orleans client outside them, which comes by their gateways.</summary>
public sealed class GrainCallGuardTests
{
    private static readonly TestSilo[] TwoSilos =
    [
        new("gateway,serve,train", ["cpu:0"]),
        new("gateway,serve,train", ["cpu:0"]),
    ];

    private static CancellationToken Cancel => GrainCluster.Cancel;

    private static Task<GrainCluster> StartAsync(double rotationDays = 30)
    {
        MemoryClusterKeys? keys = null;
        return GrainCluster.StartAsync(
            services =>
            {
                services.AddSingleton<IClusterKeys>(provider =>
                    LazyInitializer.EnsureInitialized(
                        ref keys,
                        () => new MemoryClusterKeys(provider.GetRequiredService<TimeProvider>())
                    )
                );
                services.AddSingleton<IIncomingGrainCallFilter, TestHooksPass>();
                services.AddGrainCallGuard(GrainCallCheck.Check);
                services.Configure<ClusterTokenOptions>(options =>
                    options.RotationDays = rotationDays
                );
            },
            TwoSilos
        );
    }

    private static T Of<T>(GrainCluster cluster, int silo = 0)
        where T : notnull => cluster.Inner.Silos[silo].ServiceProvider.GetRequiredService<T>();

    /// <summary>Grains as the silo's own gateway calls them.</summary>
    private static IGrainFactory Hosted(GrainCluster cluster) => Of<IGrainFactory>(cluster);

    private static string Issue(
        GrainCluster cluster,
        AccessRole role,
        string models = "*",
        string? apiKey = null,
        string? clusterId = null,
        double seconds = 600
    ) =>
        Of<ClusterTokens>(cluster)
            .Issue(
                new ClusterTokenClaims
                {
                    Cluster = clusterId ?? Of<IOptions<ClusterOptions>>(cluster).Value.ClusterId,
                    Key = "",
                    Subject = "shop",
                    ApiKey = apiKey,
                    Permissions = RolePermissions.Of(role),
                    Models = [models],
                    IssuedMs = 0,
                    ExpiresMs = 0,
                },
                TimeSpan.FromSeconds(seconds)
            )
            .Token;

    /// <summary>What the outgoing filter of a client with a token does.</summary>
    private static async Task<T> WithAsync<T>(string token, Func<Task<T>> call)
    {
        RequestContext.Set(GrainCallHeaders.Token, token);
        try
        {
            return await call();
        }
        finally
        {
            RequestContext.Clear();
        }
    }

    private static async Task<string> RefusedAsync(string? token, Func<Task> call)
    {
        if (token is not null)
            RequestContext.Set(GrainCallHeaders.Token, token);
        try
        {
            return (await Assert.ThrowsAsync<AccessRefusedException>(call)).Message;
        }
        finally
        {
            RequestContext.Clear();
        }
    }

    private static async Task RegisterAsync(GrainCluster cluster, string model) =>
        await Hosted(cluster)
            .GetGrain<IModelGrain>(model)
            .RegisterVersionAsync(TestModels.Registration($"c-{model}"), Cancel);

    [Fact]
    public async Task Silos_and_their_grains_call_each_other_as_before()
    {
        await using var cluster = await StartAsync();

        // Many names: some of the grains, and of those they call, are on the other silo.
        for (var i = 0; i < 20; i++)
        {
            await RegisterAsync(cluster, $"m{i}");
            var model = Hosted(cluster).GetGrain<IModelGrain>($"m{i}");
            Assert.NotNull(await model.GetVersionAsync(1, Cancel));
        }
    }

    [Fact]
    public async Task A_stranger_may_call_nothing()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "m");

        await RefusedAsync(null, () => cluster.Model("m").GetAsync(Cancel));
        await RefusedAsync(null, () => cluster.Pool.GetAsync(Cancel));
        await RefusedAsync(
            null,
            () => cluster.Grains.GetGrain<IApiKeyRingGrain>(IApiKeyRingGrain.Key).GetAsync(Cancel)
        );
        await RefusedAsync(
            null,
            () => cluster.Grains.GetGrain<IManagementGrain>(0).GetHosts(true, Cancel)
        );
        await RefusedAsync(
            null,
            async () =>
            {
                await foreach (var _ in cluster.Run("r").WatchAsync(Cancel)) { }
            }
        );
    }

    [Fact]
    public async Task A_token_opens_what_its_role_may_and_nothing_that_declares_nothing()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "m");
        var reader = Issue(cluster, AccessRole.Reader);
        var admin = Issue(cluster, AccessRole.Admin);
        var move = new AliasMove
        {
            CommandId = "move",
            Alias = "champion",
            Version = 1,
            By = "somebody else",
        };

        Assert.NotNull(await WithAsync(reader, () => cluster.Model("m").GetAsync(Cancel)));
        var refused = await RefusedAsync(
            reader,
            () => cluster.Model("m").MoveAliasAsync(move, Cancel)
        );
        Assert.Contains("operator", refused, StringComparison.Ordinal);
        // No role opens what is between silos, or Orleans' own.
        Assert.Contains(
            "closed",
            await RefusedAsync(
                admin,
                () =>
                    cluster.Grains.GetGrain<IApiKeyRingGrain>(IApiKeyRingGrain.Key).GetAsync(Cancel)
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "closed",
            await RefusedAsync(
                admin,
                () => cluster.Grains.GetGrain<IManagementGrain>(0).GetHosts(true, Cancel)
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_clients_change_is_recorded_before_and_after_under_the_tokens_name()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "m");
        var token = Issue(cluster, AccessRole.Operator);
        var move = new AliasMove
        {
            CommandId = "move",
            Alias = "champion",
            Version = 1,
            Reason = "better",
            By = "somebody else",
        };

        var moved = await WithAsync(token, () => cluster.Model("m").MoveAliasAsync(move, Cancel));
        await RefusedAsync(
            Issue(cluster, AccessRole.Predictor),
            () => cluster.Model("m").MoveAliasAsync(move with { CommandId = "other" }, Cancel)
        );
        var set = await WithAsync(
            token,
            () =>
                cluster
                    .Grains.GetGrain<IModelServingGrain>("m")
                    .SetAsync(
                        new ServingPolicyChange
                        {
                            CommandId = "set",
                            Policy = new ServingPolicy { Batching = new BatchingPolicy() },
                            By = "somebody else",
                        },
                        Cancel
                    )
        );

        Assert.Equal("shop", moved.History[0].By);
        Assert.Equal("shop", set.ChangedBy);
        var entries = cluster.Audit.Entries.Where(entry => entry.Actor == "shop").ToList();
        Assert.Equal(
            [
                ("model.alias.move", AuditOutcome.Asked),
                ("model.alias.move", AuditOutcome.Done),
                ("model.alias.move", AuditOutcome.Refused),
                ("model.serving.set", AuditOutcome.Asked),
                ("model.serving.set", AuditOutcome.Done),
            ],
            entries.Select(entry => (entry.Action, entry.Outcome))
        );
        Assert.All(entries, entry => Assert.Equal("model/m", entry.Subject));
        Assert.Equal("champion: no version -> version 1: better", entries[1].Detail);
        Assert.Contains("revision 0 -> 1; batching: none -> {", entries[4].Detail);
    }

    [Fact]
    public async Task Without_an_audit_log_a_client_changes_nothing()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "m");
        cluster.Audit.Down = true;

        RequestContext.Set(GrainCallHeaders.Token, Issue(cluster, AccessRole.Operator));
        await Assert.ThrowsAsync<UnavailableException>(() =>
            cluster
                .Model("m")
                .MoveAliasAsync(
                    new AliasMove
                    {
                        CommandId = "move",
                        Alias = "champion",
                        Version = 1,
                    },
                    Cancel
                )
        );
        RequestContext.Clear();

        var model = await Hosted(cluster).GetGrain<IModelGrain>("m").GetAsync(Cancel);
        Assert.Empty(model!.Aliases);
    }

    [Fact]
    public async Task A_token_for_some_models_opens_those_alone()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "shop-a");
        await RegisterAsync(cluster, "bank");
        var token = Issue(cluster, AccessRole.Operator, "shop-*");

        Assert.NotNull(await WithAsync(token, () => cluster.Model("shop-a").GetAsync(Cancel)));
        Assert.NotNull(
            await WithAsync(
                token,
                () => cluster.Grains.GetGrain<IModelVersionGrain>("shop-a@1").GetAsync(Cancel)
            )
        );
        Assert.Contains(
            "bank",
            await RefusedAsync(token, () => cluster.Model("bank").GetAsync(Cancel)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "all models",
            await RefusedAsync(token, () => cluster.Pool.GetAsync(Cancel)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_enumeration_begins_only_with_a_token_that_permits_it()
    {
        await using var cluster = await StartAsync();
        RequestContext.Set(GrainCallHeaders.Token, Issue(cluster, AccessRole.Predictor));
        await Assert.ThrowsAsync<AccessRefusedException>(async () =>
        {
            await foreach (var _ in cluster.Run("r").WatchAsync(Cancel)) { }
        });

        RequestContext.Set(GrainCallHeaders.Token, Issue(cluster, AccessRole.Reader));
        // It gets as far as the grain, which has no such run.
        await Assert.ThrowsAsync<NotFoundException>(async () =>
        {
            await foreach (var _ in cluster.Run("r").WatchAsync(Cancel)) { }
        });
        RequestContext.Clear();
    }

    [Fact]
    public async Task Expired_altered_and_foreign_tokens_are_refused()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "m");
        var good = Issue(cluster, AccessRole.Reader, seconds: 60);
        var other = Issue(cluster, AccessRole.Admin);
        Task Call() => cluster.Model("m").GetAsync(Cancel);
        await WithAsync(good, () => cluster.Model("m").GetAsync(Cancel));

        Assert.Contains(
            "signature",
            await RefusedAsync(
                $"{other[..other.LastIndexOf('.')]}{good[good.LastIndexOf('.')..]}",
                Call
            ),
            StringComparison.Ordinal
        );
        foreach (var bad in new[] { "", "omlt_", "omlt_e30.e30", "omlt_.", "eyJ.a.b", good[..^4] })
            await RefusedAsync(bad, Call);
        Assert.Contains(
            "another",
            await RefusedAsync(Issue(cluster, AccessRole.Reader, clusterId: "another"), Call),
            StringComparison.Ordinal
        );
        cluster.Time.Advance(TimeSpan.FromSeconds(66));
        Assert.Contains("expired", await RefusedAsync(good, Call), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_writes_into_the_context_proves_nothing()
    {
        await using var cluster = await StartAsync();
        var proof = Of<ClusterKeyRing>(cluster).Proof!;

        foreach (object forged in new object[] { "k1.AAAA", proof[..^1], proof + " ", 1, "" })
        {
            RequestContext.Set(GrainCallHeaders.Proof, forged);
            await RefusedAsync(null, () => cluster.Pool.GetAsync(Cancel));
        }
    }

    [Fact]
    public async Task A_rotated_key_s_tokens_live_until_they_expire_and_the_key_then_goes()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "m");
        var old = Issue(cluster, AccessRole.Reader, seconds: 3600);

        var made = await Of<ClusterKeyRotation>(cluster).RotateAsync(Cancel);
        Assert.Equal("k1", Of<ClusterKeyRing>(cluster).Active!.Id);
        cluster.Time.Advance(TimeSpan.FromSeconds(61));
        await RefreshAsync(cluster);
        Assert.Equal(made.Id, Of<ClusterKeyRing>(cluster).Active!.Id);
        Assert.Equal(made.Id, Of<ClusterKeyRing>(cluster, 1).Active!.Id);

        await WithAsync(old, () => cluster.Model("m").GetAsync(Cancel));
        await WithAsync(
            Issue(cluster, AccessRole.Reader),
            () => cluster.Model("m").GetAsync(Cancel)
        );
        await RegisterAsync(cluster, "n");
        cluster.Time.Advance(TimeSpan.FromHours(2));
        await RefreshAsync(cluster);
        await RefreshAsync(cluster);
        Assert.Equal([made.Id], Of<ClusterKeyRing>(cluster).Keys.Select(key => key.Id));
        await RefusedAsync(old, () => cluster.Model("m").GetAsync(Cancel));
        Assert.Contains(
            cluster.Audit.Entries,
            entry =>
                entry is { Action: "cluster.key.retire", Actor: "rule rotation" }
                && entry.Outcome == AuditOutcome.Done
        );
    }

    [Fact]
    public async Task The_key_is_replaced_when_it_is_old()
    {
        // A short age: the fake clock stops at every beat of the silos' timers on its way.
        await using var cluster = await StartAsync(rotationDays: 0.01);

        cluster.Time.Advance(TimeSpan.FromDays(0.011));
        await RefreshAsync(cluster);
        await RefreshAsync(cluster);

        Assert.Equal(2, Of<ClusterKeyRing>(cluster).Keys.Count);
        var entry = Assert.Single(
            cluster.Audit.Entries,
            entry => entry is { Action: "cluster.key.rotate" } && entry.Outcome == AuditOutcome.Done
        );
        Assert.Equal(("rule rotation", "key k1 -> k2"), (entry.Actor, entry.Detail));
    }

    [Fact]
    public async Task A_revoked_api_key_ends_its_tokens()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "m");
        var ring = Hosted(cluster).GetGrain<IApiKeyRingGrain>(IApiKeyRingGrain.Key);
        await ring.CreateAsync(
            new ApiKeyChange
            {
                CommandId = "create",
                Id = "a",
                Digest = ApiKeyText.Digest("secret"),
                Name = "shop",
                Roles = [AccessRole.Reader],
                Models = ["*"],
            },
            Cancel
        );
        var token = Issue(cluster, AccessRole.Reader, apiKey: "a");
        await WithAsync(token, () => cluster.Model("m").GetAsync(Cancel));

        await ring.RevokeAsync(new ApiKeyChange { CommandId = "revoke", Id = "a" }, Cancel);

        Assert.Contains(
            "revoked",
            await RefusedAsync(token, () => cluster.Model("m").GetAsync(Cancel)),
            StringComparison.Ordinal
        );
    }

    private static async Task RefreshAsync(GrainCluster cluster)
    {
        for (var silo = 0; silo < TwoSilos.Length; silo++)
            await Of<ClusterKeyRotation>(cluster, silo).RefreshAsync(Cancel);
    }
}
