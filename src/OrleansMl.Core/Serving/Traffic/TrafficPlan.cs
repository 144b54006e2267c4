using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>A model's traffic made ready for the hot path: references looked up, posteriors computed. Immutable; part of a <see cref="RouteSnapshot"/>.</summary>
public sealed class TrafficPlan
{
    private readonly IReadOnlyList<string> _aliases;
    private readonly IArmChooser? _chooser;

    private TrafficPlan(ModelSnapshot model, TrafficRouting routing)
    {
        var policy = routing.Policy;
        Experiment = routing.Experiment;
        Step = routing.Canary?.Step ?? 0;
        _aliases = policy.Aliases;
        _chooser = Chooser(model, routing);
        if (policy.Shadow is { } shadow && Find(model, shadow.Version) is { } version)
            (Shadow, ShadowShare) = (version, shadow.Share);
    }

    /// <summary>The experiment.</summary>
    public long Experiment { get; }

    /// <summary>The canary's step; 0 without one.</summary>
    public int Step { get; }

    /// <summary>The version in the shadow; null: none.</summary>
    public int? Shadow { get; }

    /// <summary>The part of the calls that it gets.</summary>
    public double ShadowShare { get; }

    /// <summary>Versions that may be chosen; none: the reference itself says.</summary>
    public IReadOnlyList<int> Versions => _chooser?.Versions ?? [];

    /// <summary>The plan; null where nothing governs.</summary>
    public static TrafficPlan? Create(ModelSnapshot model, TrafficRouting? routing) =>
        routing is null ? null : new TrafficPlan(model, routing);

    /// <summary>Whether a call by this reference is governed.</summary>
    public bool Governs(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return reference.Length == 0 || _aliases.Contains(reference);
    }

    /// <summary>The version for a call; null: the one that its reference means.</summary>
    public int? Choose(string? key, ITrafficRandom random) => _chooser?.Choose(key, random);

    // A version that has lost its alias meanwhile falls out, and the others take its share.
    private static IArmChooser? Chooser(ModelSnapshot model, TrafficRouting routing)
    {
        var policy = routing.Policy;
        if (policy.Split.Count > 0)
        {
            var shares = policy
                .Split.Select(share => (share.Version, share.Weight, Find(model, share.Version)))
                .Where(share => share.Item3 is not null && share.Weight > 0)
                .Select(share => (share.Version, share.Weight, share.Item3!.Value))
                .ToList();
            return shares.Count == 0 ? null : new WeightedSplit(shares);
        }
        if (policy.Bandit is { } bandit)
        {
            var arms = bandit
                .Versions.Select(name => Find(model, name))
                .OfType<int>()
                .Distinct()
                .Select(version =>
                    (
                        version,
                        ArmPosterior.Of(
                            bandit,
                            policy.Outcome,
                            routing.Outcomes.FirstOrDefault(o => o.Version == version)
                                ?? new OutcomeTally { Version = version }
                        )
                    )
                )
                .ToList();
            return arms.Count == 0 ? null : new ThompsonSampling(arms, bandit.MinShare);
        }
        return
            routing.Canary
                is {
                    Phase: CanaryPhase.Running
                        or CanaryPhase.Promoting
                        or CanaryPhase.Watching
                        or CanaryPhase.RollingBack
                } canary
            ? new WeightedSplit([
                ("stable", 1 - canary.Share, canary.Stable),
                ("candidate", canary.Share, canary.Candidate),
            ])
            : null;
    }

    private static int? Find(ModelSnapshot model, string reference)
    {
        try
        {
            return ModelRoutes.Resolve(model, reference).Version;
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
