using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Caching;

public sealed class CachedVersionTests
{
    [Fact]
    public async Task A_version_that_an_operator_unloaded_is_not_answered_for_from_any_silos_cache()
    {
        await using var cluster = await GrainCluster.StartAsync(
            null,
            new TestSilo("gateway,serve", []),
            new TestSilo("gateway", [])
        );
        await cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel);
        await cluster
            .Grains.GetGrain<IModelServingGrain>("churn")
            .SetAsync(
                new ServingPolicyChange
                {
                    CommandId = "p1",
                    Policy = new ServingPolicy { Cache = new CachePolicy() },
                },
                GrainCluster.Cancel
            );
        foreach (var silo in new[] { 0, 1 })
        {
            Assert.False((await CallAsync(cluster, silo)).IsCached);
            var again = await CallAsync(cluster, silo);
            Assert.True(again.IsCached);
            Assert.Equal("y", Assert.Single(again.Outputs).Name);
        }

        await cluster
            .Inner.Silos[0]
            .ServiceProvider.GetRequiredService<IModelResidency>()
            .UnloadAsync(new ModelVersionId("churn", 1), GrainCluster.Cancel);

        foreach (var silo in new[] { 0, 1 })
            await Assert.ThrowsAsync<UnavailableException>(() => CallAsync(cluster, silo));
    }

    private static async Task<InferenceResponse> CallAsync(GrainCluster cluster, int silo) =>
        await cluster
            .Inner.Silos[silo]
            .ServiceProvider.GetRequiredService<ModelInvoker>()
            .InvokeAsync(
                new InferenceCall("churn", ""),
                TestModels.Request(1, 2),
                GrainCluster.Cancel
            );
}
