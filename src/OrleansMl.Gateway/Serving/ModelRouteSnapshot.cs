using OrleansMl.Contracts.Models;

namespace OrleansMl.Gateway.Serving;

/// <summary>A model as it was at a moment.</summary>
/// <param name="Snapshot">The model.</param>
/// <param name="FetchedAt">The clock's timestamp when it was asked for.</param>
internal sealed record ModelRouteSnapshot(ModelSnapshot Snapshot, long FetchedAt);
