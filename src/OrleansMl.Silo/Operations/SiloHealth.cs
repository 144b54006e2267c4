using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansMl.Silo.Training;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Silo.Operations;

/// <summary>Ready: an active member of its cluster, the database answers, and the silo is not leaving.</summary>
internal sealed class SiloHealth(
    ISiloStatusOracle membership,
    IDatabaseHealth database,
    WorkerSupervisor supervisor
) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        if (supervisor.Draining)
            return HealthCheckResult.Unhealthy("The silo is leaving the cluster.");
        if (membership.CurrentStatus != SiloStatus.Active)
            return HealthCheckResult.Unhealthy(
                $"The silo is {membership.CurrentStatus}, expected Active."
            );
        var status = await database.CheckAsync(cancellationToken);
        return status.Available
            ? HealthCheckResult.Healthy("Active; the database answers.")
            : HealthCheckResult.Unhealthy($"The database does not answer: {status.Detail}");
    }
}
