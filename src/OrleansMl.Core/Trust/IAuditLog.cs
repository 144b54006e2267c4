using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>
/// The durable, append-only record of who changed what. A change is recorded as <see cref="AuditOutcome.Asked"/> before it is
/// made, so that there is no change without a record, and as done, refused or failed after it. HTTP routes declare it by
/// <c>Audited("…")</c>; what the cluster does by itself (a promotion, a rollback) calls this.
/// </summary>
public interface IAuditLog
{
    /// <summary>Appends a record; durable when this returns. Repeating it is harmless: one record a request, action and outcome.</summary>
    /// <exception cref="UnavailableException">It could not be written: don't make the change.</exception>
    Task RecordAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Reads records, newest first.</summary>
    /// <exception cref="InvalidInputException">The query's limit is out of range.</exception>
    Task<IReadOnlyList<AuditRecord>> ListAsync(
        AuditQuery query,
        CancellationToken cancellationToken
    );
}
