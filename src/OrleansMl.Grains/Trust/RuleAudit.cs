using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Trust;

namespace OrleansMl.Grains.Trust;

/// <summary>Records what the cluster changes by itself: as asked before it is made, as done after it. Both may be repeated: one record a change.</summary>
internal sealed class RuleAudit(IAuditLog log, IOptions<SiloMetadata> metadata)
{
    /// <summary>Records a change that a rule is about to make.</summary>
    /// <param name="rule">The rule's name, for example <c>promotion</c>.</param>
    /// <param name="action">What, as the audit log names it.</param>
    /// <param name="subject">On what.</param>
    /// <param name="detail">Before → after, and why.</param>
    /// <param name="change">Names the change: a repetition has the same.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UnavailableException">It could not be written: the change must not be made.</exception>
    public async Task<AuditEntry> AskAsync(
        string rule,
        string action,
        string subject,
        string detail,
        string change,
        CancellationToken cancellationToken
    )
    {
        var entry = new AuditEntry(
            $"rule {rule}",
            action,
            subject,
            AuditOutcome.Asked,
            detail,
            metadata.Value.Metadata.GetValueOrDefault(SiloMetadataKeys.Name) ?? "",
            change
        );
        await log.RecordAsync(entry, cancellationToken);
        return entry;
    }

    /// <summary>Records that it was made.</summary>
    /// <exception cref="UnavailableException">It could not be written; the log keeps "asked".</exception>
    public Task DoneAsync(AuditEntry asked, CancellationToken cancellationToken) =>
        log.RecordAsync(asked with { Outcome = AuditOutcome.Done }, cancellationToken);

    /// <summary>Records that it was not made.</summary>
    public Task RefusedAsync(AuditEntry asked, string why, CancellationToken cancellationToken) =>
        log.RecordAsync(
            asked with
            {
                Outcome = AuditOutcome.Refused,
                Detail = why,
            },
            cancellationToken
        );
}
