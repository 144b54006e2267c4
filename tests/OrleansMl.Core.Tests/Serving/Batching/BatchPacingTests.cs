using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Core.Tests.Serving.Batching;

public sealed class BatchPacingTests
{
    private static readonly BatchRules Rules = new(32, 0, 100, 10, 5, 0, 2);

    [Fact]
    public void The_efficient_size_is_the_smallest_at_which_a_row_costs_half_as_much_again_as_at_the_best_at_most()
    {
        var costs = new BatchCostTable();
        Assert.Equal(1, costs.EfficientRows);
        costs.Record(1, 250);
        Assert.Equal(1, costs.EfficientRows);
        costs.Record(16, 960);
        costs.Record(8, 720);
        costs.Record(7, 644);
        costs.Record(2, 260);

        Assert.Equal(8, costs.EfficientRows);
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 7, true)]
    [InlineData(2, 8, false)]
    [InlineData(7, 30, false)]
    [InlineData(8, 30, true)]
    public void Stragglers_wait_for_company_beside_an_efficient_run_alone(
        long waiting,
        long running,
        bool pays
    )
    {
        var costs = new BatchCostTable();
        costs.Record(1, 250);
        costs.Record(8, 400);

        Assert.Equal(pays, BatchPacing.Pays(waiting, running, Rules, costs));
    }

    [Fact]
    public void No_efficient_size_is_larger_than_a_batch_may_be()
    {
        var costs = new BatchCostTable();
        costs.Record(1, 250);
        costs.Record(64, 640);

        Assert.True(BatchPacing.Pays(4, 4, Rules with { MaxRows = 4 }, costs));
        Assert.False(BatchPacing.Pays(3, 5, Rules with { MaxRows = 4 }, costs));
    }
}
