using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>How a model version's calls are counted, and what they are compared with. Made alike on every silo from the same version, data set and policy.</summary>
/// <param name="Version">The version.</param>
/// <param name="Reference">What it is compared with; null: nothing.</param>
/// <param name="WindowSeconds">Length of a window.</param>
/// <param name="Features">Inputs, then outputs.</param>
/// <param name="Problems">What is not watched or not compared, and why.</param>
/// <param name="Key">Same key, same bins and windows: counts by it can be added.</param>
public sealed record VersionProfile(
    ModelVersionId Version,
    DatasetVersionId? Reference,
    int WindowSeconds,
    IReadOnlyList<FeatureProfile> Features,
    IReadOnlyList<string> Problems,
    string Key
)
{
    /// <summary>The number of the window that a moment is in.</summary>
    public long WindowOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / WindowSeconds;

    /// <summary>When a window begins.</summary>
    public DateTimeOffset BeginOf(long window) =>
        DateTimeOffset.FromUnixTimeSeconds(window * WindowSeconds);
}
