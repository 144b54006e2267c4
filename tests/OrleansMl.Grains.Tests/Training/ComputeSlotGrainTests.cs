using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Training;

public sealed class ComputeSlotGrainTests
{
    [Fact]
    public async Task A_slot_lives_on_its_own_silo_whoever_calls()
    {
        await using var cluster = await GrainCluster.StartAsync(
            null,
            new TestSilo("gateway,serve", []),
            new TestSilo("train", ["cpu:0", "cuda:0"]),
            new TestSilo("train", ["cpu:0"])
        );
        await TestRuns.ImportAsync(cluster);
        for (var silo = 1; silo <= 2; silo++)
        {
            var work = await AssignmentAsync(cluster, $"r{silo}");
            await Slot(cluster, $"silo-{silo}/cpu:0").StartAsync(work, GrainCluster.Cancel);
            Assert.Equal(1, cluster.Supervisor(silo).Starts);
        }
        var third = await AssignmentAsync(cluster, "r3");
        await Slot(cluster, "silo-1/cuda:0").StartAsync(third, GrainCluster.Cancel);
        Assert.Equal(2, cluster.Supervisor(1).Starts);

        await Slot(cluster, "silo-1/cuda:0")
            .StopAsync(third.Run, third.Attempt, GrainCluster.Cancel);
        Assert.Equal([(third.Run, third.Attempt)], cluster.Supervisor(1).Stopped);
        Assert.Empty(cluster.Supervisor(2).Stopped);
    }

    [Fact]
    public async Task A_slot_that_no_silo_lends_has_no_place()
    {
        // Silo 0 has a device but not the role; silo 1 has the role but not every device.
        await using var cluster = await GrainCluster.StartAsync(
            null,
            new TestSilo("gateway,serve", ["cpu:0"]),
            new TestSilo("train", ["cpu:0"])
        );
        var director = new OnSlotSiloFilterDirector(
            cluster.Inner.Silos[0].ServiceProvider.GetRequiredService<ISiloMetadataCache>()
        );

        Assert.Empty(Places("silo-0/cpu:0"));
        Assert.Empty(Places("silo-1/cuda:0"));
        Assert.Empty(Places("silo-9/cpu:0"));
        Assert.Empty(Places("nonsense"));
        var there = Assert.Single(Places("silo-1/cpu:0"));
        var trains = cluster.Inner.Silos.Single(silo => silo.Name == cluster.Names[1]);
        Assert.Equal(trains.SiloAddress, there);

        IEnumerable<SiloAddress> Places(string slot) =>
            director.Filter(
                new OnSlotSiloFilterStrategy(),
                new PlacementTarget(GrainId.Create("compute-slot", slot), [], default, 0),
                cluster.Inner.Silos.Select(silo => silo.SiloAddress)
            );
    }

    [Fact]
    public async Task A_slot_at_work_refuses_another_attempt_and_takes_the_same_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var work = await AssignmentAsync(cluster, "r1");
        var other = await AssignmentAsync(cluster, "r2");
        var slot = Slot(cluster, "silo-0/cpu:0");
        await slot.StartAsync(work, GrainCluster.Cancel);
        await slot.StartAsync(work, GrainCluster.Cancel);

        await Assert.ThrowsAsync<ConflictException>(() =>
            slot.StartAsync(other, GrainCluster.Cancel)
        );
        Assert.Equal(1, cluster.Supervisor().Starts);
    }

    private static IComputeSlotGrain Slot(GrainCluster cluster, string slot) =>
        cluster.Grains.GetGrain<IComputeSlotGrain>(slot);

    private static async Task<AttemptAssignment> AssignmentAsync(
        GrainCluster cluster,
        string run
    ) =>
        new()
        {
            Run = new TrainingRunId(run),
            Attempt = 1,
            Spec = TestRuns.Spec(),
            Dataset = (await cluster.Dataset("fashion").GetVersionAsync(1, GrainCluster.Cancel))!,
        };
}
