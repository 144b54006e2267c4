using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving;

public sealed class ModelServingGrainTests
{
    [Fact]
    public async Task A_policy_counts_its_changes_and_the_same_command_gives_the_first_answer()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var serving = await ServedAsync(cluster);

        Assert.Equal(0, (await serving.GetAsync(GrainCluster.Cancel)).Revision);
        var first = await serving.SetAsync(Change("p1"), GrainCluster.Cancel);
        await serving.SetAsync(Change("p2"), GrainCluster.Cancel);
        var again = await serving.SetAsync(Change("p1"), GrainCluster.Cancel);

        Assert.Equal(1, first.Revision);
        Assert.Equal("ada", first.ChangedBy);
        Assert.Equal(1, again.Revision);
        Assert.Equal(2, (await serving.GetAsync(GrainCluster.Cancel)).Revision);
    }

    [Fact]
    public async Task A_change_of_another_revision_than_expected_is_refused_and_nothing_changes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var serving = await ServedAsync(cluster);
        await serving.SetAsync(Change("p1"), GrainCluster.Cancel);

        var refused = await Assert.ThrowsAsync<ConflictException>(() =>
            serving.SetAsync(Change("p2") with { Expected = 0 }, GrainCluster.Cancel)
        );

        Assert.Contains("revision 1, expected 0", refused.Message);
        Assert.Equal(1, (await serving.GetAsync(GrainCluster.Cancel)).Revision);
    }

    [Fact]
    public async Task A_model_that_is_not_there_gets_no_policy()
    {
        await using var cluster = await GrainCluster.StartAsync();

        await Assert.ThrowsAsync<NotFoundException>(() =>
            cluster
                .Grains.GetGrain<IModelServingGrain>("absent")
                .SetAsync(Change("p1"), GrainCluster.Cancel)
        );
    }

    [Fact]
    public async Task A_change_whose_write_fails_is_made_once_by_its_repeat()
    {
        foreach (var afterTheWrite in new[] { false, true })
        {
            await using var cluster = await GrainCluster.StartAsync();
            var serving = await ServedAsync(cluster);
            cluster.Faults.Arm(1, afterTheWrite, only: "state model-serving");

            await Assert.ThrowsAsync<UnavailableException>(() =>
                serving.SetAsync(Change("p1"), GrainCluster.Cancel)
            );
            await cluster.DeactivateAsync(serving);
            var set = await serving.SetAsync(Change("p1"), GrainCluster.Cancel);

            Assert.Equal(1, set.Revision);
            Assert.Equal(1, (await serving.GetAsync(GrainCluster.Cancel)).Revision);
        }
    }

    private static async Task<IModelServingGrain> ServedAsync(GrainCluster cluster)
    {
        await cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel);
        return cluster.Grains.GetGrain<IModelServingGrain>("churn");
    }

    private static ServingPolicyChange Change(string commandId) =>
        new()
        {
            CommandId = commandId,
            Policy = ServingPolicy.Default,
            By = "ada",
        };
}
