using OrleansMl.Console.Training;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Training;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Operations;

/// <summary>What the overview shows.</summary>
internal sealed class OverviewReader(ClusterStatusReader cluster, RunReader runs)
{
    private const int Recent = 6;

    public async Task<(ClusterStatus Status, IReadOnlyList<TrainingRunSummary> Runs)> ReadAsync(
        Caller viewer,
        CancellationToken cancellationToken
    )
    {
        var status = cluster.ReadAsync(cancellationToken);
        var recent = runs.ListAsync(viewer, phase: null, 0, Recent, cancellationToken);
        await Task.WhenAll(status, recent);
        return (await status, (await recent).Items);
    }
}
