namespace OrleansMl.Contracts.Trust;

/// <summary>A page of the audit log, newest first.</summary>
public sealed record AuditPage
{
    /// <summary>The records.</summary>
    public required IReadOnlyList<AuditRecord> Items { get; init; }

    /// <summary>What to give as <c>before</c> for the next page; null on the last one.</summary>
    public long? Next { get; init; }
}
