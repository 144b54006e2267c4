using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Gateway.Tests.Trust;

/// <summary>The audit log of a test.</summary>
public sealed class MemoryAuditLog : IAuditLog
{
    private readonly Lock _gate = new();
    private readonly List<AuditRecord> _records = [];

    public bool Down { get; set; }

    public IReadOnlyList<AuditRecord> Records
    {
        get
        {
            lock (_gate)
                return [.. _records];
        }
    }

    public Task RecordAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        if (Down)
            throw new UnavailableException("The audit log is away.");
        lock (_gate)
            _records.Add(
                new AuditRecord
                {
                    Id = _records.Count + 1,
                    At = DateTimeOffset.UnixEpoch,
                    Actor = entry.Actor,
                    Action = entry.Action,
                    Subject = entry.Subject,
                    Outcome = entry.Outcome,
                    Detail = entry.Detail,
                    Origin = entry.Origin,
                    Request = entry.Request,
                }
            );
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditRecord>> ListAsync(
        AuditQuery query,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<AuditRecord>>([
            .. Records
                .Reverse()
                .Where(record => query.Before is not { } before || record.Id < before)
                .Where(record => query.Actor is null || record.Actor == query.Actor)
                .Take(query.Limit),
        ]);
}
