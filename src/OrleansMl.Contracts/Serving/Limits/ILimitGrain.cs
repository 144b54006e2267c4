using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>
/// The limit of one API key (<c>key/4f7k2m9x</c>), caller by a token (<c>token/corp/</c> and a digest of the subject) or model
/// (<c>model/fashion</c>) in the whole cluster: shares it between silos, which then decide by themselves, and keeps the counts.
/// </summary>
[Alias("oml.ILimitGrain")]
[ClientAccess(Permission.None)]
public interface ILimitGrain : IGrainWithStringKey
{
    /// <summary>Gives a silo its share, takes its counts, and sets requests aside for it; durable when this returns.</summary>
    /// <exception cref="UnavailableException">The counts could not be written: repeat the same ask.</exception>
    [Alias("Renew")]
    Task<LimitLease> RenewAsync(LimitRenewal renewal, CancellationToken cancellationToken);

    /// <summary>The counts as they were last reported.</summary>
    [Alias("GetUsage")]
    Task<UsageLedger> GetUsageAsync(CancellationToken cancellationToken);
}
