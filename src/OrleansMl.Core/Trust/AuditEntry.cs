using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>What is recorded; the log adds the time. Texts longer than their columns are cut, never refused: a record must not fail for its detail.</summary>
/// <param name="Actor">Who: <c>Caller.Name</c>, or <see cref="System"/>.</param>
/// <param name="Action">What, dotted: <c>model.alias.move</c>.</param>
/// <param name="Subject">On what: <c>model/fashion</c>.</param>
/// <param name="Outcome">How far it went.</param>
/// <param name="Detail">What a reader needs to know beside that: no secrets.</param>
/// <param name="Origin">The caller's address, or the silo's name.</param>
/// <param name="Request">Joins the records of one request; empty: one of its own.</param>
public sealed record AuditEntry(
    string Actor,
    string Action,
    string Subject,
    AuditOutcome Outcome = AuditOutcome.Done,
    string Detail = "",
    string Origin = "",
    string Request = ""
)
{
    /// <summary>The actor of what the cluster does by itself.</summary>
    public const string System = "system";
}
