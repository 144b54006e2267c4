using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Traffic;

/// <summary>Models with traffic, for tests.</summary>
internal static class TrafficWorld
{
    public static TrafficRouter Router(TimeProvider time) =>
        new(
            new TrafficCounters(),
            new ShadowQueue(Options.Create(new TrafficOptions())),
            new TrafficRandom(1),
            time
        );

    public static ModelSnapshot Model(int latest = 3, int? champion = 1) =>
        new()
        {
            Name = "churn",
            LatestVersion = latest,
            Aliases = champion is { } at
                ? new Dictionary<string, int> { ["champion"] = at }
                : new Dictionary<string, int>(),
        };

    public static RouteSnapshot Snapshot(
        TrafficPolicy? policy,
        CanaryStatus? canary = null,
        params OutcomeTally[] outcomes
    )
    {
        var model = Model();
        return new RouteSnapshot(
            model,
            new ServingPolicySnapshot
            {
                Model = "churn",
                Revision = 5,
                Policy = new ServingPolicy { Traffic = policy },
            },
            0
        )
        {
            Traffic = TrafficPlan.Create(
                model,
                policy is null
                    ? null
                    : new TrafficRouting
                    {
                        Experiment = 5,
                        Policy = policy,
                        Canary = canary,
                        Outcomes = outcomes,
                    }
            ),
        };
    }

    public static TrafficPolicy Split(params (string Version, double Weight)[] shares) =>
        new()
        {
            Split =
            [
                .. shares.Select(share => new TrafficShare
                {
                    Version = share.Version,
                    Weight = share.Weight,
                }),
            ],
        };
}
