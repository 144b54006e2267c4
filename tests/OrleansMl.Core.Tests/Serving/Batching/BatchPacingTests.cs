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

    [Theory]
    [InlineData(32, 0, 2, 16)] // both instances are free: half each
    [InlineData(31, 0, 2, 16)]
    [InlineData(64, 0, 2, 32)]
    [InlineData(500, 0, 2, 32)] // never more than the policy allows
    [InlineData(32, 1, 2, 32)] // the other one runs already
    [InlineData(32, 0, 1, 32)]
    [InlineData(15, 0, 2, 32)] // parts of eight would be dearer than the whole
    [InlineData(16, 0, 2, 8)]
    [InlineData(32, 0, 8, 8)] // as many parts as there are good ones
    [InlineData(32, 1, 4, 11)]
    public void Free_instances_share_what_waits_as_long_as_the_parts_are_good_ones(
        long waiting,
        int runs,
        int instances,
        int rows
    )
    {
        var costs = new BatchCostTable();
        costs.Record(1, 250);
        costs.Record(4, 400);
        costs.Record(32, 2_560);

        Assert.Equal(
            rows,
            BatchPacing.Part(waiting, runs, Rules with { Instances = instances }, costs, 300)
        );
    }

    [Fact]
    public void Runs_shorter_than_a_hand_over_and_calls_that_run_one_by_one_are_not_shared_out()
    {
        var costs = new BatchCostTable();
        costs.Record(1, 25);
        costs.Record(4, 40);

        Assert.Equal(32, BatchPacing.Part(32, 0, Rules, costs, 300));
        Assert.Equal(16, BatchPacing.Part(32, 0, Rules, costs, 30));
        Assert.Equal(1, BatchPacing.Part(32, 0, Rules with { MaxRows = 1 }, costs, 30));
    }

    [Fact]
    public void While_nothing_was_measured_nothing_is_shared_out()
    {
        Assert.Equal(32, BatchPacing.Part(32, 0, Rules, new BatchCostTable(), 300));
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
