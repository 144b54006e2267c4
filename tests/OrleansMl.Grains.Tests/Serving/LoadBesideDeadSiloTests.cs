using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Grains.Serving.Residency;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving;

/// <summary>A version is loaded while a silo that holds one of its model's grains goes down.</summary>
public sealed class LoadBesideDeadSiloTests
{
    private static readonly ModelVersionId Version = new("churn", 1);

    [Fact]
    public async Task A_silo_that_goes_down_while_it_is_asked_about_a_version_does_not_fail_the_load()
    {
        var lost = new LostCalls(1);
        await using var cluster = await ServingAsync(lost);

        var answer = await Local(cluster)
            .PredictAsync(Version, TestModels.Request(1, 2), GrainCluster.Cancel);

        Assert.Equal(1, answer.Version);
        Assert.Equal(0, lost.Left);
    }

    [Fact]
    public async Task A_load_that_met_dead_silos_alone_says_so_and_is_tried_again_by_the_next_call()
    {
        var lost = new LostCalls(2);
        await using var cluster = await ServingAsync(lost);

        await Assert.ThrowsAsync<SiloUnavailableException>(async () =>
            await Local(cluster)
                .PredictAsync(Version, TestModels.Request(1, 2), GrainCluster.Cancel)
        );
        // At once: the clock stands still, and no time is waited for.
        var answer = await Local(cluster)
            .PredictAsync(Version, TestModels.Request(1, 2), GrainCluster.Cancel);

        Assert.Equal(1, answer.Version);
    }

    private static async Task<GrainCluster> ServingAsync(LostCalls lost)
    {
        var cluster = await GrainCluster.StartAsync(services =>
            services.AddSingleton<IOutgoingGrainCallFilter>(lost)
        );
        await cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel);
        return cluster;
    }

    private static ILocalPredictor Local(GrainCluster cluster) =>
        cluster.Inner.Silos[0].ServiceProvider.GetRequiredService<ILocalPredictor>();

    /// <summary>The first calls of the model's residency grain find its silo gone.</summary>
    private sealed class LostCalls(int calls) : IOutgoingGrainCallFilter
    {
        private int _left = calls;

        public int Left => Math.Max(0, Volatile.Read(ref _left));

        public Task Invoke(IOutgoingGrainCallContext context) =>
            context.Request.GetInterfaceType() == typeof(IModelResidencyGrain)
            && Interlocked.Decrement(ref _left) >= 0
                ? Task.FromException(
                    new SiloUnavailableException("The target silo became unavailable.")
                )
                : context.Invoke();
    }
}
