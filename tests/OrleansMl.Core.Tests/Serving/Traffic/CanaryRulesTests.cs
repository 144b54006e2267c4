using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Traffic;

public sealed class CanaryRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly CanaryPolicy Policy = new()
    {
        Version = "2",
        Steps = [0.1, 1],
        HoldSeconds = 60,
        MinRequests = 100,
        MaxErrorRate = 0.05,
        MaxErrorIncrease = 0.03,
        MaxLatencyRatio = 1.5,
        MaxQualityDrop = 0.1,
        MinFeedback = 50,
        WatchSeconds = 300,
    };

    [Fact]
    public void A_step_ends_when_time_calls_and_outcomes_suffice_and_not_before()
    {
        Assert.Equal(CanaryMove.Hold, Judge(seconds: 59).Move);
        Assert.Equal(CanaryMove.Hold, Judge(requests: 99).Move);
        Assert.Equal(CanaryMove.Hold, Judge(outcomes: 49).Move);
        Assert.Equal(CanaryMove.Advance, Judge().Move);
        Assert.Equal(CanaryMove.Promote, Judge(step: 1).Move);
        Assert.Contains("100 calls", Judge().Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 1.0, 1.0, "error rate 6.00 %")]
    [InlineData(4, 1.0, 1.0, "above the old version's")]
    [InlineData(0, 1.7, 1.0, "percentile")]
    [InlineData(0, 1.0, 0.5, "mean outcome")]
    public void Each_bound_crossed_rolls_back_at_once_and_says_which(
        int errors,
        double slower,
        double quality,
        string why
    )
    {
        var verdict = Judge(seconds: 1, errors: errors, slower: slower, quality: quality);

        Assert.Equal(CanaryMove.RollBack, verdict.Move);
        Assert.Contains(
            why.Replace(" %", "", StringComparison.Ordinal),
            verdict.Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Within_the_bounds_nothing_is_rolled_back()
    {
        Assert.Equal(CanaryMove.Advance, Judge(errors: 3, slower: 1.2, quality: 0.95).Move);
    }

    [Fact]
    public void A_version_that_fails_every_call_is_not_kept_until_it_has_enough_of_them()
    {
        Assert.Equal(CanaryMove.RollBack, Judge(requests: 5, errors: 5, seconds: 1).Move);
        Assert.Equal(CanaryMove.Hold, Judge(requests: 20, errors: 1, seconds: 1).Move);
    }

    [Fact]
    public void A_watched_version_settles_or_is_rolled_back()
    {
        Assert.Equal(CanaryMove.Hold, Judge(phase: CanaryPhase.Watching, seconds: 299).Move);
        Assert.Equal(CanaryMove.Settle, Judge(phase: CanaryPhase.Watching, seconds: 300).Move);
        Assert.Equal(
            CanaryMove.RollBack,
            Judge(phase: CanaryPhase.Watching, seconds: 1, errors: 20).Move
        );
    }

    [Theory]
    [InlineData(CanaryPhase.Promoting)]
    [InlineData(CanaryPhase.Promoted)]
    [InlineData(CanaryPhase.RollingBack)]
    [InlineData(CanaryPhase.RolledBack)]
    public void What_is_over_or_about_to_move_is_not_judged(CanaryPhase phase) =>
        Assert.Equal(CanaryMove.Hold, Judge(phase: phase, errors: 100).Move);

    private static CanaryVerdict Judge(
        CanaryPhase phase = CanaryPhase.Running,
        int step = 0,
        double seconds = 60,
        int requests = 100,
        int errors = 0,
        double slower = 1,
        double quality = 1,
        int outcomes = 50
    ) =>
        CanaryRules.Judge(
            Policy,
            new CanaryStatus
            {
                Phase = phase,
                Stable = 1,
                Candidate = 2,
                Step = step,
                Share = Policy.Steps[step],
                Since = Start,
            },
            new CanaryEvidence(
                Arm(1, 1000, 0, 0.01),
                Arm(2, requests, errors, 0.01 * slower),
                Outcomes(1, 1000, 1),
                Outcomes(2, outcomes, quality)
            ),
            Start.AddSeconds(seconds)
        );

    private static ArmTally Arm(int version, int requests, int errors, double seconds)
    {
        var latencies = new long[LatencyHistogram.Buckets];
        latencies[LatencyHistogram.Bucket(seconds)] = requests - errors;
        return new ArmTally
        {
            Version = version,
            Requests = requests,
            Errors = errors,
            Seconds = (requests - errors) * seconds,
            Latencies = latencies,
        };
    }

    private static OutcomeTally Outcomes(int version, long count, double mean) =>
        new()
        {
            Version = version,
            Count = count,
            Sum = count * mean,
            SumOfSquares = count * mean * mean,
        };
}
