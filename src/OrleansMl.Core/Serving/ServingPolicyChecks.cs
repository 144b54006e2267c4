using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Caching;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Serving.Sequences;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Serving;

/// <summary>Says what is wrong with a serving policy: each section has its checks beside what it governs.</summary>
public static class ServingPolicyChecks
{
    /// <summary>The problems, each with the section's and key's name; none means that it may be set.</summary>
    public static IReadOnlyList<string> Problems(ServingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return
        [
            .. BatchingPolicyChecks.Problems(policy.Batching),
            .. TrafficPolicyChecks.Problems(policy.Traffic),
            .. CachePolicyChecks.Problems(policy.Cache),
            .. SequencePolicyChecks.Problems(policy.Sequences),
            .. WatchPolicyChecks.Problems(policy.Watch),
            .. policy is { Watch.Quality: not null, Traffic: null }
                ?
                [
                    "watch.quality: expected the section traffic beside it, an empty one is enough: it gives predictions their ids.",
                ]
                : Array.Empty<string>(),
            .. LimitPolicyChecks.ProblemsOfModel(policy.Limits),
        ];
    }
}
