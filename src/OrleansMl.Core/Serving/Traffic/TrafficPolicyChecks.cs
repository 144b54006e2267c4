using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Says what is wrong with a traffic section.</summary>
public static class TrafficPolicyChecks
{
    private const int MaxArms = 32;
    private const int MaxAliases = 64;
    private const int MaxSteps = 20;
    private const double Year = 31_536_000;
    private const double Month = 2_592_000;

    /// <summary>What is wrong with it by itself.</summary>
    public static IEnumerable<string> Problems(TrafficPolicy? traffic)
    {
        if (traffic is null)
            return [];
        List<string> problems = [];
        var modes =
            (traffic.Split is { Count: > 0 } ? 1 : 0)
            + (traffic.Canary is null ? 0 : 1)
            + (traffic.Bandit is null ? 0 : 1);
        if (modes > 1)
            problems.Add(
                "traffic: expected at most one of split, canary and bandit: each shares out the same calls."
            );
        if (traffic.Split is null || traffic.Aliases is null)
            problems.Add("traffic: split and aliases can't be null; leave them out.");
        Within("traffic.feedbackWindowSeconds", traffic.FeedbackWindowSeconds, 1, Year);
        if (!Enum.IsDefined(traffic.Outcome))
            problems.Add($"traffic.outcome: expected binary or number, got {traffic.Outcome}.");
        if (traffic.Aliases?.Count > MaxAliases)
            problems.Add(
                $"traffic.aliases: expected at most {MaxAliases}, got {traffic.Aliases.Count}."
            );
        Split(traffic.Split ?? []);
        if (traffic.Shadow is { } shadow)
        {
            Reference("traffic.shadow.version", shadow.Version);
            Above("traffic.shadow.share", shadow.Share, 1);
        }
        if (traffic.Canary is { } canary)
            Canary(canary);
        if (traffic.Bandit is { } bandit)
            Bandit(bandit);
        return problems;

        void Split(IReadOnlyList<TrafficShare> shares)
        {
            if (shares.Count > MaxArms)
                problems.Add(
                    $"traffic.split: expected at most {MaxArms} shares, got {shares.Count}."
                );
            for (var i = 0; i < shares.Count; i++)
            {
                if (shares[i] is not { } share)
                {
                    problems.Add($"traffic.split[{i}]: expected an object, got null.");
                    continue;
                }
                Reference($"traffic.split[{i}].version", share.Version);
                Within($"traffic.split[{i}].weight", share.Weight, 0, 1_000_000);
            }
            if (shares.Count > 0 && !shares.Any(share => share?.Weight > 0))
                problems.Add("traffic.split: expected a weight above 0, got none.");
            if (shares.Select(share => share?.Version).Distinct().Count() != shares.Count)
                problems.Add("traffic.split: a version is named twice.");
        }

        void Canary(CanaryPolicy canary)
        {
            Reference("traffic.canary.version", canary.Version);
            if (!ResourceName.IsValid(canary.Alias))
                problems.Add($"traffic.canary.alias: '{canary.Alias}' is not an alias.");
            var steps = canary.Steps ?? [];
            if (steps.Count is < 1 or > MaxSteps)
                problems.Add(
                    $"traffic.canary.steps: expected 1 to {MaxSteps} steps, got {steps.Count}."
                );
            for (var i = 0; i < steps.Count; i++)
            {
                if (!(steps[i] > (i == 0 ? 0 : steps[i - 1]) && steps[i] <= 1))
                    problems.Add(
                        $"traffic.canary.steps[{i}]: expected more than the step before and at most 1, got {steps[i]}."
                    );
            }
            Within("traffic.canary.holdSeconds", canary.HoldSeconds, 0, Month);
            Within("traffic.canary.watchSeconds", canary.WatchSeconds, 0, Month);
            Within("traffic.canary.minRequests", canary.MinRequests, 1, 1e9);
            Within("traffic.canary.minFeedback", canary.MinFeedback, 1, 1e9);
            Within("traffic.canary.maxErrorRate", canary.MaxErrorRate, 0, 1);
            Within("traffic.canary.latencyPercentile", canary.LatencyPercentile, 0.5, 0.999);
            if (canary.MaxErrorIncrease is { } increase)
                Within("traffic.canary.maxErrorIncrease", increase, 0, 1);
            if (canary.MaxLatencyRatio is { } ratio)
                Above("traffic.canary.maxLatencyRatio", ratio, 1e6);
            if (canary.MaxQualityDrop is { } drop)
                Within("traffic.canary.maxQualityDrop", drop, 0, double.MaxValue);
        }

        void Bandit(BanditPolicy bandit)
        {
            var versions = bandit.Versions ?? [];
            if (versions.Count is < 2 or > MaxArms)
                problems.Add(
                    $"traffic.bandit.versions: expected 2 to {MaxArms}, got {versions.Count}."
                );
            else
                Within("traffic.bandit.minShare", bandit.MinShare, 0, 1.0 / versions.Count);
            for (var i = 0; i < versions.Count; i++)
                Reference($"traffic.bandit.versions[{i}]", versions[i]);
            if (versions.Distinct().Count() != versions.Count)
                problems.Add("traffic.bandit.versions: a version is named twice.");
            Above("traffic.bandit.priorSuccesses", bandit.PriorSuccesses, 1e9);
            Above("traffic.bandit.priorFailures", bandit.PriorFailures, 1e9);
            Above("traffic.bandit.priorDeviation", bandit.PriorDeviation, 1e150);
            Above("traffic.bandit.priorWeight", bandit.PriorWeight, 1e9);
            Within("traffic.bandit.priorMean", bandit.PriorMean, -1e150, 1e150);
        }

        void Reference(string key, string? reference)
        {
            if (string.IsNullOrEmpty(reference) || reference.Length > ResourceName.MaxLength)
                problems.Add(
                    $"{key}: expected a version's number, an alias or 'latest', got '{reference}'."
                );
        }

        void Within(string key, double value, double least, double most)
        {
            if (!(value >= least && value <= most))
                problems.Add($"{key}: expected {least} to {most}, got {value}.");
        }

        void Above(string key, double value, double most)
        {
            if (!(value > 0 && value <= most))
                problems.Add($"{key}: expected more than 0 and at most {most}, got {value}.");
        }
    }

    /// <summary>What is wrong with it for this model: versions that it names must be there, and a canary's two must differ.</summary>
    public static IEnumerable<string> Problems(TrafficPolicy? traffic, ModelSnapshot model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (traffic is null)
            yield break;
        foreach (var reference in References(traffic))
        {
            if (Missing(model, reference) is { } missing)
                yield return $"traffic: {missing}";
        }
        if (traffic.Canary is not { } canary)
            yield break;
        if (!model.Aliases.TryGetValue(canary.Alias, out var stable))
            yield return $"traffic.canary.alias: model '{model.Name}' has no alias '{canary.Alias}'; point it at the version to take over from first.";
        else if (
            Missing(model, canary.Version) is null
            && ModelRoutes.Resolve(model, canary.Version).Version == stable
        )
            yield return $"traffic.canary.version: '{canary.Version}' is version {stable}, which has the alias '{canary.Alias}' already.";
    }

    /// <summary>Every version that it names, by number, alias or <c>latest</c>.</summary>
    public static IEnumerable<string> References(TrafficPolicy traffic)
    {
        ArgumentNullException.ThrowIfNull(traffic);
        return
        [
            .. traffic.Split.Select(share => share.Version),
            .. traffic.Bandit?.Versions ?? [],
            .. traffic.Canary is { } canary ? new[] { canary.Version } : [],
            .. traffic.Shadow is { } shadow ? new[] { shadow.Version } : [],
        ];
    }

    private static string? Missing(ModelSnapshot model, string reference)
    {
        try
        {
            ModelRoutes.Resolve(model, reference);
            return null;
        }
        catch (NotFoundException error)
        {
            return error.Message;
        }
    }
}
