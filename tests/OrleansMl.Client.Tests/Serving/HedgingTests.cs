using OrleansMl.Client.Serving.Resilience;

namespace OrleansMl.Client.Tests.Serving;

public sealed class HedgingTests
{
    [Fact]
    public void Hedges_are_at_most_a_burst_and_then_a_share_of_the_calls()
    {
        var budget = new HedgingBudget(0.1, burst: 3);
        var sent = 0;
        for (var i = 0; i < 1000; i++)
        {
            budget.Call();
            if (budget.TryTake())
                sent++;
        }

        Assert.Equal(3 + 100, sent, tolerance: 1);
    }

    [Fact]
    public void A_quiet_time_saves_no_more_than_a_burst()
    {
        var budget = new HedgingBudget(1, burst: 2);
        for (var i = 0; i < 1000; i++)
            budget.Call();

        Assert.True(budget.TryTake());
        Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
    }

    [Fact]
    public void A_budget_is_exact_among_threads()
    {
        var budget = new HedgingBudget(0.5, burst: 100);
        var taken = 0;

        Parallel.For(
            0,
            10_000,
            _ =>
            {
                if (budget.TryTake())
                    Interlocked.Increment(ref taken);
            }
        );

        Assert.Equal(100, taken);
    }

    [Fact]
    public void The_percentile_is_the_nearest_rank_of_the_last_calls()
    {
        var window = new LatencyWindow(0.95);
        for (var i = 1; i < LatencyWindow.Least; i++)
            window.Add(TimeSpan.FromMilliseconds(i));
        Assert.Null(window.Percentile);

        window.Add(TimeSpan.FromMilliseconds(LatencyWindow.Least));
        Assert.Equal(TimeSpan.FromMilliseconds(19), window.Percentile);

        // The old ones are forgotten.
        for (var i = 0; i < 300; i++)
            window.Add(TimeSpan.FromMilliseconds(5));
        Assert.Equal(TimeSpan.FromMilliseconds(5), window.Percentile);
    }
}
