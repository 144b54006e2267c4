using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>Deals jobs out to silos that serve. One for the cluster, with the key <see cref="Key"/>. It keeps nothing: the jobs' grains and their rows of the catalogue are the truth.</summary>
[Alias("oml.IJobPoolGrain")]
[ClientAccess(Permission.None)]
public interface IJobPoolGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "jobs";

    /// <summary>A job waits.</summary>
    /// <exception cref="OverloadedException">Too many wait.</exception>
    [Alias("Enqueue")]
    Task EnqueueAsync(string job, CancellationToken cancellationToken);

    /// <summary>A job is to stop, or has ended.</summary>
    [Alias("Remove")]
    Task RemoveAsync(string job, CancellationToken cancellationToken);

    /// <summary>A silo tells what it does, and hears what to do.</summary>
    [Alias("Heartbeat")]
    Task<JobOrders> HeartbeatAsync(JobHeartbeat heartbeat, CancellationToken cancellationToken);
}
