using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Grains.Tests.Trust;

/// <summary>The audit log of a test: one record a request, action and outcome, as the database keeps them.</summary>
internal sealed class MemoryAuditLog : IAuditLog
{
    private readonly Lock _gate = new();
    private readonly List<AuditEntry> _entries = [];

    public bool Down { get; set; }

    public IReadOnlyList<AuditEntry> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    public Task RecordAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        if (Down)
            throw new UnavailableException("The audit log is away.");
        lock (_gate)
        {
            if (
                !_entries.Any(known =>
                    known.Request == entry.Request
                    && known.Action == entry.Action
                    && known.Outcome == entry.Outcome
                )
            )
                _entries.Add(entry);
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditRecord>> ListAsync(
        AuditQuery query,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();
}
