using System.Data.Common;
using System.Globalization;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>What was consumed, and what could not be.</summary>
internal sealed partial class SqlConsumerGroups
{
    public async Task CommitAsync(
        PartitionLease lease,
        EventCommit commit,
        CancellationToken cancellationToken
    )
    {
        var consumed = await transactions.RunAsync(
            "commit consumed events",
            (connection, token) => CommitAsync(connection, lease, commit, token),
            cancellationToken
        );
        if (commit.OutputTopic is { } output)
            signals.Raise(output);
        EventTelemetry.Consumed.Add(
            consumed,
            EventTelemetry.Tag("topic", lease.Group.Topic),
            EventTelemetry.Tag("group", lease.Group.Name)
        );
        if (commit.Dead.Count > 0)
            EventTelemetry.Dead.Add(
                commit.Dead.Count,
                EventTelemetry.Tag("topic", lease.Group.Topic),
                EventTelemetry.Tag("group", lease.Group.Name)
            );
    }

    public async Task<int> FailAsync(
        PartitionLease lease,
        long position,
        string error,
        bool isCounted,
        CancellationToken cancellationToken
    ) =>
        await database.TransactAsync(
            "count a failed try",
            async (connection, token) =>
            {
                var cursor = await CursorAsync(connection, lease, locked: true, token);
                if (cursor.Position != position)
                    throw Elsewhere(lease, cursor.Position, position);
                var tries = cursor.Tries + (isCounted ? 1 : 0);
                await connection.RunAsync(
                    "UPDATE oml_event_cursor SET tries = @tries, last_error = @error WHERE topic = @topic AND grp = @grp AND part = @part",
                    token,
                    [
                        .. Key(lease.Group),
                        ("part", lease.Partition),
                        ("error", Shorten(error)),
                        ("tries", tries),
                    ]
                );
                return tries;
            },
            cancellationToken
        );

    public async Task<IReadOnlyList<DeadEvent>> ListDeadAsync(
        GroupId group,
        int offset,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database.ExecuteAsync(
            "list dead letters",
            (connection, token) =>
                connection.QueryAsync(
                    $"SELECT {EventRows.Columns}, tries, error, dead_ticks, retrying FROM oml_event_dead WHERE topic = @topic AND grp = @grp ORDER BY dead_ticks, part, position LIMIT @limit OFFSET @offset",
                    row => new DeadEvent(
                        EventRows.Read(row),
                        row.GetInt32(8),
                        row.GetString(9),
                        EventRows.Time(row.GetInt64(10)),
                        row.GetBoolean(11)
                    ),
                    token,
                    [.. Key(group), ("limit", limit), ("offset", offset)]
                ),
            cancellationToken
        );

    public async Task<long> RetryDeadAsync(
        GroupId group,
        IReadOnlyList<EventPlace> letters,
        CancellationToken cancellationToken
    )
    {
        var count = await OnDeadAsync(
            "UPDATE oml_event_dead SET retrying = true",
            group,
            letters,
            cancellationToken
        );
        Changed(group);
        return count;
    }

    public Task<long> DiscardDeadAsync(
        GroupId group,
        IReadOnlyList<EventPlace> letters,
        CancellationToken cancellationToken
    ) => OnDeadAsync("DELETE FROM oml_event_dead", group, letters, cancellationToken);

    private Task<long> OnDeadAsync(
        string statement,
        GroupId group,
        IReadOnlyList<EventPlace> letters,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync<long>(
            "change dead letters",
            async (connection, token) =>
            {
                var all = $"{statement} WHERE topic = @topic AND grp = @grp";
                if (letters.Count == 0)
                    return await connection.RunAsync(all, token, Key(group));
                return await connection.RunManyAsync(
                    $"{all} AND part = @part AND position = @position",
                    [
                        .. letters.Select(
                            (string, object?)[] (letter) =>
                                [
                                    .. Key(group),
                                    ("part", letter.Partition),
                                    ("position", letter.Position),
                                ]
                        ),
                    ],
                    token
                );
            },
            cancellationToken
        );

    // Returns how many events were consumed by this, and not by an earlier try of it.
    private async Task<long> CommitAsync(
        DbConnection connection,
        PartitionLease lease,
        EventCommit commit,
        CancellationToken token
    )
    {
        var (position, _) = await CursorAsync(connection, lease, locked: true, token);
        var from = commit.From ?? position;
        if (position == commit.Next && from != commit.Next)
            return 0;
        if (position != from || commit.Next < from)
            throw Elsewhere(lease, position, commit.From ?? commit.Next);
        if (lease.Group.Topic.Contains(':', StringComparison.Ordinal) is false)
            await CheckEndAsync(connection, lease, commit.Next, token);
        await ResolveRetriedAsync(connection, lease, commit, from, token);
        if (commit.OutputTopic is { } output && commit.Outputs.Count > 0)
            await AppendAsync(connection, output, commit, token);
        await InsertDeadAsync(connection, lease, commit, from, token);
        if (commit.Next > from)
            await connection.RunAsync(
                "UPDATE oml_event_cursor SET position = @position, tries = 0, last_error = NULL WHERE topic = @topic AND grp = @grp AND part = @part",
                token,
                [.. Key(lease.Group), ("part", lease.Partition), ("position", commit.Next)]
            );
        return commit.Next - from + commit.Retried.Count;
    }

    private async Task AppendAsync(
        DbConnection connection,
        string output,
        EventCommit commit,
        CancellationToken token
    )
    {
        foreach (var part in commit.Outputs.Chunk(EventChecks.MaxBatch))
            await rows.AppendAsync(connection, output, part, token);
    }

    private static async Task CheckEndAsync(
        DbConnection connection,
        PartitionLease lease,
        long next,
        CancellationToken token
    )
    {
        var end = await connection.ScalarAsync(
            "SELECT next_position FROM oml_event_partition WHERE topic = @topic AND part = @part",
            token,
            ("topic", lease.Group.Topic),
            ("part", lease.Partition)
        );
        if (end is null || next > Convert.ToInt64(end, CultureInfo.InvariantCulture))
            throw new InvalidInputException(
                $"next: partition {lease.Partition} of topic '{lease.Group.Topic}' ends before {end ?? 0}, {next} came: expected the position behind the last event that was fetched."
            );
    }

    // A letter that is gone was done by an earlier commit, or discarded: then nothing of this one may be.
    private static async Task ResolveRetriedAsync(
        DbConnection connection,
        PartitionLease lease,
        EventCommit commit,
        long from,
        CancellationToken token
    )
    {
        var done = await connection.RunManyAsync(
            "DELETE FROM oml_event_dead WHERE topic = @topic AND grp = @grp AND part = @part AND position = @position AND retrying = @yes",
            [
                .. commit.Retried.Select(
                    (string, object?)[] (position) =>
                        [
                            .. Key(lease.Group),
                            ("part", lease.Partition),
                            ("position", position),
                            ("yes", true),
                        ]
                ),
            ],
            token
        );
        var again = commit.Dead.Where(dead => dead.Event.Position < from).ToList();
        var failed = await connection.RunManyAsync(
            "UPDATE oml_event_dead SET retrying = @no, tries = @tries, error = @error WHERE topic = @topic AND grp = @grp AND part = @part AND position = @position AND retrying = @yes",
            [
                .. again.Select(
                    (string, object?)[] (dead) =>
                        [
                            .. Key(lease.Group),
                            ("part", lease.Partition),
                            ("position", dead.Event.Position),
                            ("tries", dead.Tries),
                            ("error", Shorten(dead.Error)),
                            ("yes", true),
                            ("no", false),
                        ]
                ),
            ],
            token
        );
        if (done != commit.Retried.Count || failed != again.Count)
            throw new StaleAttemptException(
                $"Dead letters of group '{lease.Group}' in partition {lease.Partition} were done or discarded meanwhile: fetch again."
            );
    }

    private async Task InsertDeadAsync(
        DbConnection connection,
        PartitionLease lease,
        EventCommit commit,
        long from,
        CancellationToken token
    )
    {
        var now = time.GetUtcNow();
        await connection.RunManyAsync(
            "INSERT INTO oml_event_dead (topic, grp, part, position, event_id, event_key, event_type, payload, is_json, published_ticks, tries, error, dead_ticks, retrying) VALUES (@topic, @grp, @part, @position, @id, @key, @type, @payload, @json, @ticks, @tries, @error, @dead, @no) ON CONFLICT (topic, grp, part, position) DO UPDATE SET tries = excluded.tries, error = excluded.error, dead_ticks = excluded.dead_ticks, retrying = excluded.retrying",
            [
                .. commit
                    .Dead.Where(dead => dead.Event.Position >= from)
                    .Select(
                        (string, object?)[] (dead) =>
                            EventRows.Values(
                                dead.Event,
                                [
                                    .. Key(lease.Group),
                                    ("tries", dead.Tries),
                                    ("error", Shorten(dead.Error)),
                                    ("dead", now.UtcTicks),
                                    ("no", false),
                                ]
                            )
                    ),
            ],
            token
        );
    }

    private static StaleAttemptException Elsewhere(
        PartitionLease lease,
        long position,
        long expected
    ) =>
        new(
            $"Group '{lease.Group}' stands at {position} in partition {lease.Partition}, {expected} came: that is done, or the group was moved. Fetch again."
        );
}
