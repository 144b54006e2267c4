using CsCheck;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Core.Tests.Serving.Limits;

public sealed class TokenBucketTests
{
    private const long Frequency = 1_000_000_000;

    private static readonly Gen<(double Rate, double Burst, (long Pause, int Cost)[] Calls)> Loads =
        Gen.Select(
            Gen.Double[0.1, 1000],
            Gen.Double[1, 100],
            Gen.Select(Gen.Long[0, 2 * Frequency], Gen.Int[1, 20]).Array[1, 200]
        );

    [Fact]
    public void Over_no_window_more_is_given_than_its_rate_and_the_burst() =>
        Loads.Sample(
            load =>
            {
                var bucket = new TokenBucket(load.Rate, load.Burst, load.Burst, 0, Frequency);
                var taken = new List<(long At, int Cost)>();
                var now = 0L;
                foreach (var (pause, cost) in load.Calls)
                {
                    now += pause;
                    if (cost <= load.Burst && bucket.Take(cost, now) == 0)
                        taken.Add((now, cost));
                }
                for (var from = 0; from < taken.Count; from++)
                {
                    var sum = 0.0;
                    for (var to = from; to < taken.Count; to++)
                    {
                        sum += taken[to].Cost;
                        var seconds = (taken[to].At - taken[from].At) / (double)Frequency;
                        if (sum > load.Burst + (load.Rate * seconds) + 1e-3)
                            return false;
                    }
                }
                return true;
            },
            iter: 500
        );

    [Fact]
    public void Who_waits_as_long_as_told_is_served() =>
        Loads.Sample(
            load =>
            {
                var bucket = new TokenBucket(load.Rate, load.Burst, load.Burst, 0, Frequency);
                var now = 0L;
                foreach (var (pause, cost) in load.Calls)
                {
                    now += pause / 100;
                    var wait = bucket.Take(cost, now);
                    if (wait == 0)
                        continue;
                    now += wait;
                    if (bucket.Take(cost, now) != 0)
                        return false;
                }
                return true;
            },
            iter: 500
        );

    [Fact]
    public void Threads_together_take_no_more_than_there_is()
    {
        var bucket = new TokenBucket(1, 1000, 1000, 0, Frequency);
        var taken = 0;

        Parallel.For(
            0,
            4,
            _ =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    if (bucket.Take(1, 0) == 0)
                        Interlocked.Increment(ref taken);
                }
            }
        );

        Assert.Equal(1000, taken);
    }

    [Fact]
    public void A_closed_bucket_gives_nothing_more_and_tells_what_was_in_it()
    {
        var bucket = new TokenBucket(10, 20, 20, 0, Frequency);
        Assert.Equal(0, bucket.Take(5, 0));

        Assert.Equal(15, bucket.Close(0), 6);
        Assert.True(bucket.Take(1, 0) < 0);
        Assert.False(bucket.Charge(1, 0));
        Assert.Equal(0, bucket.Close(0));
    }

    [Fact]
    public void More_than_the_burst_is_given_from_a_full_bucket_alone_and_paid_back()
    {
        var bucket = new TokenBucket(10, 10, 10, 0, Frequency);

        Assert.Equal(0, bucket.Take(15, 0));
        Assert.Equal(-5, bucket.LevelAt(0), 6);
        // Six tokens at ten a second.
        Assert.Equal(0.6, bucket.Take(1, 0) / (double)Frequency, 6);
        Assert.True(bucket.Take(15, Frequency) > 0);
        Assert.Equal(0, bucket.Take(15, (Frequency * 3 / 2) + 10));
    }

    [Fact]
    public void A_decision_allocates_nothing()
    {
        var bucket = new TokenBucket(1000, 10, 10, 0, Frequency);
        bucket.Take(1, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            bucket.Take(1, i * 100_000L);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
