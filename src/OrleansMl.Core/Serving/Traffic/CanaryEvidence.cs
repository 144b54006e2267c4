using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>What a canary is judged by.</summary>
/// <param name="Stable">The old version's calls in this step; where it had too few, in the last step in which it had enough.</param>
/// <param name="Candidate">The new version's calls in this step.</param>
/// <param name="StableOutcomes">Outcomes of the old version in the experiment.</param>
/// <param name="CandidateOutcomes">Outcomes of the new version in the experiment.</param>
public sealed record CanaryEvidence(
    ArmTally Stable,
    ArmTally Candidate,
    OutcomeTally StableOutcomes,
    OutcomeTally CandidateOutcomes
);
