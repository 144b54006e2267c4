using System.Data.Common;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>Who consumes what.</summary>
internal sealed partial class SqlConsumerGroups
{
    // Dead letters to be tried again that a consumer gets beside a batch.
    private const int MaxRetried = 50;

    public Task<IReadOnlyList<PartitionLease>> AcquireAsync(
        GroupId group,
        string member,
        TimeSpan expiry,
        CancellationToken cancellationToken
    )
    {
        EventChecks.Text(member, 1, "consumer");
        return database.TransactAsync<IReadOnlyList<PartitionLease>>(
            "lease partitions",
            async (connection, token) =>
            {
                // One member at a time, so that each sees what the one before took.
                var paused =
                    await connection.ScalarAsync(
                        database.LockRow(
                            "SELECT paused FROM oml_event_group WHERE topic = @topic AND grp = @grp"
                        ),
                        token,
                        Key(group)
                    ) ?? throw NotFound(group);
                var now = time.GetUtcNow();
                await connection.RunAsync(
                    "INSERT INTO oml_event_member (topic, grp, member, expires_ticks) VALUES (@topic, @grp, @member, @expires) ON CONFLICT (topic, grp, member) DO UPDATE SET expires_ticks = excluded.expires_ticks",
                    token,
                    [.. Key(group), ("member", member), ("expires", (now + expiry).UtcTicks)]
                );
                await connection.RunAsync(
                    "DELETE FROM oml_event_member WHERE topic = @topic AND grp = @grp AND expires_ticks < @now",
                    token,
                    [.. Key(group), ("now", now.UtcTicks)]
                );
                var members = await connection.QueryAsync(
                    "SELECT member FROM oml_event_member WHERE topic = @topic AND grp = @grp",
                    row => row.GetString(0),
                    token,
                    Key(group)
                );
                return await ShareAsync(
                    connection,
                    group,
                    member,
                    Convert.ToBoolean(paused) ? [] : members,
                    token
                );
            },
            cancellationToken
        );
    }

    public async Task LeaveAsync(GroupId group, string member, CancellationToken cancellationToken)
    {
        await database.TransactAsync(
            "give up leases",
            async (connection, token) =>
            {
                await connection.RunAsync(
                    "DELETE FROM oml_event_member WHERE topic = @topic AND grp = @grp AND member = @member",
                    token,
                    [.. Key(group), ("member", member)]
                );
                return await connection.RunAsync(
                    "UPDATE oml_event_cursor SET owner = NULL WHERE topic = @topic AND grp = @grp AND owner = @member",
                    token,
                    [.. Key(group), ("member", member)]
                );
            },
            cancellationToken
        );
        signals.Raise(EventSignals.Groups);
    }

    public Task<PartitionBatch> FetchAsync(
        PartitionLease lease,
        int max,
        CancellationToken cancellationToken
    ) =>
        database.ExecuteAsync(
            "fetch events",
            async (connection, token) =>
            {
                var cursor = await CursorAsync(connection, lease, locked: false, token);
                var retried = await connection.QueryAsync(
                    $"SELECT {EventRows.Columns} FROM oml_event_dead WHERE topic = @topic AND grp = @grp AND part = @part AND retrying = @yes ORDER BY position LIMIT @max",
                    EventRows.Read,
                    token,
                    [
                        .. Key(lease.Group),
                        ("part", lease.Partition),
                        ("yes", true),
                        ("max", Math.Min(max, MaxRetried)),
                    ]
                );
                var events = await EventRows.PageAsync(
                    connection,
                    lease.Group.Topic,
                    lease.Partition,
                    cursor.Position,
                    max,
                    token
                );
                return new PartitionBatch(cursor.Position, cursor.Tries, events, retried);
            },
            cancellationToken
        );

    private async Task<IReadOnlyList<PartitionLease>> ShareAsync(
        DbConnection connection,
        GroupId group,
        string member,
        List<string> members,
        CancellationToken token
    )
    {
        var cursors = await connection.QueryAsync(
            database.LockRow(
                "SELECT owner, fence FROM oml_event_cursor WHERE topic = @topic AND grp = @grp ORDER BY part"
            ),
            row => (Owner: row.IsDBNull(0) ? null : row.GetString(0), Fence: row.GetInt64(1)),
            token,
            Key(group)
        );
        var owners = cursors
            .Select(cursor => members.Contains(cursor.Owner ?? "") ? cursor.Owner : null)
            .ToArray();
        var share = PartitionShare.Of(member, members, owners);
        var leases = new List<PartitionLease>();
        for (var part = 0; part < cursors.Count; part++)
        {
            var (owner, fence) = cursors[part];
            var mine = share.Contains(part);
            if (mine && owner != member)
                fence++;
            if (mine != (owner == member))
                await connection.RunAsync(
                    "UPDATE oml_event_cursor SET owner = @owner, fence = @fence WHERE topic = @topic AND grp = @grp AND part = @part",
                    token,
                    [
                        .. Key(group),
                        ("owner", mine ? member : null),
                        ("fence", fence),
                        ("part", part),
                    ]
                );
            if (mine)
                leases.Add(new PartitionLease(group, part, member, fence));
        }
        return leases;
    }

    private async Task<(long Position, int Tries)> CursorAsync(
        DbConnection connection,
        PartitionLease lease,
        bool locked,
        CancellationToken token
    )
    {
        const string Select =
            "SELECT position, tries, fence FROM oml_event_cursor WHERE topic = @topic AND grp = @grp AND part = @part";
        var found = await connection.QueryAsync(
            locked ? database.LockRow(Select) : Select,
            row => (Position: row.GetInt64(0), Tries: row.GetInt32(1), Fence: row.GetInt64(2)),
            token,
            [.. Key(lease.Group), ("part", lease.Partition)]
        );
        if (found.Count == 0)
            throw new StaleAttemptException(
                $"Group '{lease.Group}' has no partition {lease.Partition} any more."
            );
        var (position, tries, fence) = found[0];
        if (fence != lease.Fence)
            throw new StaleAttemptException(
                $"Partition {lease.Partition} of group '{lease.Group}' has the fencing token {fence}, {lease.Fence} came: another consumer has it, or the group was moved. Fetch again."
            );
        return (position, tries);
    }
}
