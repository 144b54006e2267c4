using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Console.Models;

/// <summary>A model as it is and does at a moment.</summary>
/// <param name="Model">Its versions and aliases.</param>
/// <param name="Serving">How it is served.</param>
/// <param name="Statistics">What its versions did since the silos started.</param>
/// <param name="Traffic">Figures of the experiment under way; null: no traffic section governs it.</param>
/// <param name="Residences">Where its versions are in memory.</param>
/// <param name="Alerts">Alerts; null: it is not watched.</param>
/// <param name="At">The clock's timestamp.</param>
internal sealed record ModelFigures(
    ModelSnapshot Model,
    ServingPolicySnapshot Serving,
    IReadOnlyList<VersionStatistics> Statistics,
    TrafficSnapshot? Traffic,
    IReadOnlyList<ModelResidence> Residences,
    IReadOnlyList<AlertSnapshot>? Alerts,
    long At
)
{
    /// <summary>Calls answered.</summary>
    public long Answered => Statistics.Sum(version => version.Success.Count);

    /// <summary>Calls that failed.</summary>
    public long Failed => Statistics.Sum(version => version.Fail.Count);

    /// <summary>The answered calls' times.</summary>
    public DurationStatistics Times =>
        Statistics.Aggregate(default(DurationStatistics), (sum, version) => sum + version.Success);

    /// <summary>Versions of which anything is known but that they were registered: called, in memory, or in the experiment.</summary>
    public IReadOnlyList<int> Active =>
        [
            .. Statistics
                .Select(version => version.Version.Version)
                .Concat(Residences.Select(residence => residence.Version.Version))
                .Concat(Traffic?.Arms.Select(arm => arm.Version) ?? [])
                .Distinct()
                .OrderDescending(),
        ];
}
