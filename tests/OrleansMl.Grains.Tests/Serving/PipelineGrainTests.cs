using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving;

public sealed class PipelineGrainTests
{
    private const string Yaml = "{steps: [{name: a, model: churn}], outputs: {y: a.y}}";

    [Fact]
    public async Task A_pipeline_is_a_model_that_any_caller_of_a_predictor_reaches()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel);
        await cluster.Model("piped").RegisterVersionAsync(Pipeline("p1"), GrainCluster.Cancel);

        var response = await cluster
            .Grains.GetGrain<IPredictorGrain>("piped@1")
            .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);

        Assert.Equal(("piped", 1, "r1"), (response.Model, response.Version, response.Id));
        Assert.Equal(
            TestModels.Request(1, 2).Inputs[0].Data.ToArray(),
            Assert.Single(response.Outputs).Data.ToArray()
        );
        // The model's file alone was loaded: a pipeline has none.
        Assert.Single(cluster.Engine.Loads);
        Assert.True((await cluster.Model("piped").GetAsync(GrainCluster.Cancel))!.IsPipeline);
        var row = Assert.Single(
            await cluster.Catalog.ListAsync(
                new CatalogQuery(CatalogKinds.Model, [CatalogKinds.PipelineStatus]),
                GrainCluster.Cancel
            )
        );
        Assert.Equal("piped", row.Key);
    }

    [Fact]
    public async Task A_name_is_of_pipelines_or_of_models_and_an_outdated_save_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel);
        await cluster.Model("piped").RegisterVersionAsync(Pipeline("p1"), GrainCluster.Cancel);

        await Assert.ThrowsAsync<ConflictException>(() =>
            cluster.Model("churn").RegisterVersionAsync(Pipeline("p2"), GrainCluster.Cancel)
        );
        await Assert.ThrowsAsync<ConflictException>(() =>
            cluster
                .Model("piped")
                .RegisterVersionAsync(TestModels.Registration("c2"), GrainCluster.Cancel)
        );
        var outdated = await Assert.ThrowsAsync<ConflictException>(() =>
            cluster
                .Model("piped")
                .RegisterVersionAsync(
                    Pipeline("p3") with
                    {
                        ExpectedLatest = 0,
                    },
                    GrainCluster.Cancel
                )
        );
        var next = await cluster
            .Model("piped")
            .RegisterVersionAsync(Pipeline("p4") with { ExpectedLatest = 1 }, GrainCluster.Cancel);
        // A repeat gets its first answer, whatever is the newest now.
        var again = await cluster
            .Model("piped")
            .RegisterVersionAsync(Pipeline("p4") with { ExpectedLatest = 1 }, GrainCluster.Cancel);

        Assert.Contains("expected at no version, but is at version 1", outdated.Message);
        Assert.Equal((2, 2), (next.Id.Version, again.Id.Version));
    }

    private static ModelRegistration Pipeline(string command) =>
        TestModels.Registration(command) with
        {
            Pipeline = Yaml,
        };
}
