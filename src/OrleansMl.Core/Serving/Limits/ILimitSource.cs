using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>Where shares of limits come from.</summary>
public interface ILimitSource
{
    /// <summary>Renews this silo's share of a subject's limit.</summary>
    Task<LimitLease> RenewAsync(
        string subject,
        LimitRenewal renewal,
        CancellationToken cancellationToken
    );
}
