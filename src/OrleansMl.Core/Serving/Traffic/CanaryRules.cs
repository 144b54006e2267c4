using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Judges a canary. A crossed bound ends it at once; what is not crossed lets it go on once the step has lasted long enough and has enough calls.</summary>
public static class CanaryRules
{
    // One-sided 0.05 %: before the least number of calls only an error rate that is surely too high counts, so that a version which
    // fails every call is not kept for long.
    private const double EarlyZ = 3.29;

    /// <summary>What happens next.</summary>
    public static CanaryVerdict Judge(
        CanaryPolicy policy,
        CanaryStatus status,
        CanaryEvidence evidence,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(evidence);
        if (status.Phase is not (CanaryPhase.Running or CanaryPhase.Watching))
            return new(CanaryMove.Hold, "");
        if (Breach(policy, evidence) is { } breach)
            return new(CanaryMove.RollBack, breach);
        var lasted = (now - status.Since).TotalSeconds;
        if (status.Phase == CanaryPhase.Watching)
            return lasted >= policy.WatchSeconds
                ? new(CanaryMove.Settle, $"watched for {lasted:0} s without a crossed bound")
                : new(CanaryMove.Hold, "");
        var candidate = evidence.Candidate;
        if (
            lasted < policy.HoldSeconds
            || candidate.Requests < policy.MinRequests
            || (policy.MaxQualityDrop is not null && !HasOutcomes(policy, evidence))
        )
            return new(CanaryMove.Hold, "");
        var reason =
            $"step {status.Step + 1} of {policy.Steps.Count} lasted {lasted:0} s with {candidate.Requests} calls, {candidate.Errors} of them failed, and no bound was crossed";
        return new(
            status.Step + 1 < policy.Steps.Count ? CanaryMove.Advance : CanaryMove.Promote,
            reason
        );
    }

    private static string? Breach(CanaryPolicy policy, CanaryEvidence evidence)
    {
        var (stable, candidate) = (evidence.Stable, evidence.Candidate);
        var rate = Rate(candidate);
        if (candidate.Requests < policy.MinRequests)
            return
                SignificanceTests.WilsonLow(candidate.Errors, candidate.Requests, EarlyZ)
                > policy.MaxErrorRate
                ? $"{candidate.Errors} of its first {candidate.Requests} calls failed: surely above the bound of {policy.MaxErrorRate:P1}"
                : Quality(policy, evidence);
        if (rate > policy.MaxErrorRate)
            return $"error rate {rate:P2} of {candidate.Requests} calls is above {policy.MaxErrorRate:P2}";
        if (stable.Requests >= policy.MinRequests)
        {
            if (policy.MaxErrorIncrease is { } increase && rate - Rate(stable) > increase)
                return $"error rate {rate:P2} is more than {increase:P2} above the old version's {Rate(stable):P2}";
            if (
                policy.MaxLatencyRatio is { } ratio
                && LatencyHistogram.Percentile(candidate.Latencies, policy.LatencyPercentile)
                    is { } mine
                && LatencyHistogram.Percentile(stable.Latencies, policy.LatencyPercentile)
                    is { } old
                && mine > ratio * old
            )
                return $"percentile {policy.LatencyPercentile:0.###} of the latency is {mine * 1e3:0.###} ms, more than {ratio} times the old version's {old * 1e3:0.###} ms";
        }
        return Quality(policy, evidence);
    }

    private static string? Quality(CanaryPolicy policy, CanaryEvidence evidence)
    {
        if (policy.MaxQualityDrop is not { } drop || !HasOutcomes(policy, evidence))
            return null;
        var (old, mine) = (Mean(evidence.StableOutcomes), Mean(evidence.CandidateOutcomes));
        return old - mine > drop
            ? $"mean outcome {mine:0.####} of {evidence.CandidateOutcomes.Count} is more than {drop} below the old version's {old:0.####} of {evidence.StableOutcomes.Count}"
            : null;
    }

    private static bool HasOutcomes(CanaryPolicy policy, CanaryEvidence evidence) =>
        evidence.StableOutcomes.Count >= policy.MinFeedback
        && evidence.CandidateOutcomes.Count >= policy.MinFeedback;

    private static double Mean(OutcomeTally tally) => tally.Sum / tally.Count;

    private static double Rate(ArmTally tally) =>
        tally.Requests == 0 ? 0 : (double)tally.Errors / tally.Requests;
}
