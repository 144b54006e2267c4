using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Statistics;

/// <summary>What model versions did, over all serving silos. Thread-safe.</summary>
public interface IServingStatistics
{
    /// <summary>The sums of a version; zeros when it was never called.</summary>
    Task<VersionStatistics> GetAsync(ModelVersionId version, CancellationToken cancellationToken);

    /// <summary>The sums of every version that was called, sorted; of one model when its name is given.</summary>
    Task<IReadOnlyList<VersionStatistics>> ListAsync(
        string? model,
        CancellationToken cancellationToken
    );
}
