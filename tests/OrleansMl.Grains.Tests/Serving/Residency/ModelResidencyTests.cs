using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Grains.Serving;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Residency;

public sealed class ModelResidencyTests
{
    private static readonly ModelVersionId First = new("churn", 1);

    [Fact]
    public async Task Loading_and_unloading_reach_every_serving_silo_and_an_unloaded_version_is_refused()
    {
        await using var cluster = await StartAsync("gateway", "serve", "serve");
        var residency = Service<IModelResidency>(cluster, "gateway");

        var loaded = await residency.LoadAsync(First, GrainCluster.Cancel);
        Assert.Equal(2, loaded.Count);
        var index = await residency.IndexAsync(GrainCluster.Cancel);
        Assert.Equal(2, index.Select(there => there.Silo).Distinct().Count());
        Assert.All(index, there => Assert.Equal(ModelResidenceState.Ready, there.State));
        Assert.All(index, there => Assert.Equal(("", 32), (there.Unbatched, there.MaxBatchSize)));

        await residency.UnloadAsync(First, GrainCluster.Cancel);
        Assert.Empty(await residency.IndexAsync(GrainCluster.Cancel));
        Assert.Equal(2, cluster.Engine.Disposals.Count);
        Assert.False(await residency.IsAllowedAsync(First, GrainCluster.Cancel));
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => PredictAsync(cluster));
        Assert.Contains("unloaded by an operator", refused.Message, StringComparison.Ordinal);

        await residency.LoadAsync(First, GrainCluster.Cancel);
        Assert.Equal(1, (await PredictAsync(cluster)).Version);
    }

    [Fact]
    public async Task Calls_from_elsewhere_go_where_the_version_is_warm_and_are_counted_there()
    {
        await using var cluster = await StartAsync("gateway", "serve", "serve", "serve");
        for (var i = 0; i < 20; i++)
            await PredictAsync(cluster);

        Assert.Single(cluster.Engine.Loads);
        var counted = await Service<IServingStatistics>(cluster, "gateway")
            .GetAsync(First, GrainCluster.Cancel);
        Assert.Equal((20, 20), (counted.InferenceCount, counted.Success.Count));
        Assert.Equal(20, Assert.Single(counted.Batches).ComputeInfer.Count);
        Assert.True(counted.MemoryBytes > 0);
    }

    [Fact]
    public async Task Without_a_serving_silo_a_call_is_refused_at_once()
    {
        await using var cluster = await StartAsync("gateway", "train");

        var error = await Assert.ThrowsAsync<UnavailableException>(() => PredictAsync(cluster));

        Assert.Contains("No silo of the cluster has the role", error.Message);
    }

    [Fact]
    public async Task A_model_larger_than_the_budget_is_refused_with_the_figures()
    {
        await using var cluster = await StartAsync(
            options => (options.MaxSessionBytes, options.SessionOverheadBytes) = (1 << 20, 2 << 20),
            "serve,gateway"
        );

        var error = await Assert.ThrowsAsync<UnavailableException>(() => PredictAsync(cluster));

        Assert.Contains("2,097,152 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("1,048,576", error.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Engine.Loads);
    }

    [Fact]
    public async Task The_memory_budget_holds_before_a_version_is_loaded()
    {
        await using var cluster = await StartAsync(
            options => (options.MaxSessionBytes, options.SessionOverheadBytes) = (5 << 20, 2 << 20),
            "serve,gateway"
        );
        for (var version = 2; version <= 3; version++)
            await RegisterAsync(cluster, $"c{version}");
        var residency = Service<IModelResidency>(cluster, "gateway");
        for (var version = 1; version <= 3; version++)
            await residency.LoadAsync(new ModelVersionId("churn", version), GrainCluster.Cancel);

        var index = await residency.IndexAsync(GrainCluster.Cancel);
        Assert.Equal([2, 3], index.Select(there => there.Version.Version));
        Assert.Equal(4 << 20, index.Sum(there => there.MemoryBytes));
        Assert.Equal(TestModels.Artifact("onnx c1").Hex, Assert.Single(cluster.Engine.Disposals));
    }

    [Fact]
    public async Task When_the_silo_that_has_it_goes_down_another_one_loads_it_and_answers()
    {
        await using var cluster = await StartAsync("gateway", "serve", "serve");
        await PredictAsync(cluster);
        var index = await Service<IModelResidency>(cluster, "gateway")
            .IndexAsync(GrainCluster.Cancel);
        var warm = cluster.Inner.Silos.Single(silo =>
            GrainCluster.Name(cluster.Names.IndexOf(silo.Name)) == Assert.Single(index).Silo
        );

        await cluster.Inner.KillSiloAsync(warm, GrainCluster.Cancel);

        var answer = await GrainCluster.RetryAsync(() => PredictAsync(cluster));
        Assert.Equal(1, answer.Version);
        Assert.Equal(2, cluster.Engine.Loads.Count);
    }

    private static Task<GrainCluster> StartAsync(params string[] roles) =>
        StartAsync(_ => { }, roles);

    private static async Task<GrainCluster> StartAsync(
        Action<PredictorOptions> configure,
        params string[] roles
    )
    {
        var cluster = await GrainCluster.StartAsync(
            services => services.Configure(configure),
            [.. roles.Select(role => new TestSilo(role, []))]
        );
        await RegisterAsync(cluster, "c1");
        return cluster;
    }

    private static Task<ModelVersionSnapshot> RegisterAsync(GrainCluster cluster, string command) =>
        cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration(command), GrainCluster.Cancel);

    private static Task<InferenceResponse> PredictAsync(GrainCluster cluster) =>
        Service<IModelPredictor>(cluster, "gateway")
            .PredictAsync(First, TestModels.Request(1, 2), GrainCluster.Cancel)
            .AsTask();

    /// <summary>A service of the cluster's first silo.</summary>
    private static T Service<T>(GrainCluster cluster, string role)
        where T : notnull
    {
        var silo = cluster.Inner.Silos.Single(silo => cluster.Names.IndexOf(silo.Name) == 0);
        Assert.Equal(
            role != "gateway" || cluster.Names.Count == 1,
            silo.ServiceProvider.GetRequiredService<ILocalPredictor>().Available
        );
        return silo.ServiceProvider.GetRequiredService<T>();
    }
}
