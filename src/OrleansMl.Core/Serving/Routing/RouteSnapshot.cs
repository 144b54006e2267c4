using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Serving.Routing;

/// <summary>A model as it was at a moment: its versions and aliases, and how it is served. Immutable.</summary>
/// <param name="Model">The model.</param>
/// <param name="Serving">How it is served.</param>
/// <param name="FetchedAt">The clock's timestamp when it was asked for.</param>
public sealed record RouteSnapshot(
    ModelSnapshot Model,
    ServingPolicySnapshot Serving,
    long FetchedAt
)
{
    /// <summary>How its calls are shared out; null: by reference alone.</summary>
    public TrafficPlan? Traffic { get; init; }
}
