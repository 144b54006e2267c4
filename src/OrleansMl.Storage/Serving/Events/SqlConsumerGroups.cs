using System.Data.Common;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <inheritdoc/>
internal sealed partial class SqlConsumerGroups(
    Database database,
    EventRows rows,
    EventTransactions transactions,
    EventSignals signals,
    TimeProvider time
) : IConsumerGroups
{
    private const int MaxGroups = 200;
    private const int MaxError = 2_000;
    private static readonly string[] GroupTables =
    [
        "oml_event_group",
        "oml_event_cursor",
        "oml_event_member",
        "oml_event_dead",
    ];

    public async Task<ConsumerGroupSnapshot> PutAsync(
        GroupId group,
        GroupDefinition definition,
        CancellationToken cancellationToken
    )
    {
        if (definition.Subscription is { } subscription)
            EventChecks.Subscription(group.Topic, group.Name, subscription);
        EventChecks.Group(group.Name, definition.Spec);
        await database.TransactAsync(
            "define a consumer group",
            async (connection, token) =>
            {
                // One definition at a time: two that are each right could lead events in a circle together.
                await connection.QueryAsync(
                    database.LockRow("SELECT topic FROM oml_topic ORDER BY topic"),
                    row => row.GetString(0),
                    token
                );
                await EventRows.SpecAsync(connection, group.Topic, token);
                var others = await DefinitionsAsync(connection, token);
                var kind = definition.Kind.ToString();
                var existing = others.Find(other => other.Group == group);
                if (existing is not null && existing.Kind != kind)
                    throw new ConflictException(
                        $"Topic '{group.Topic}' has a group '{group.Name}' of the kind {existing.Kind}, {kind} was asked for: choose another name, or delete it first."
                    );
                if (definition.Subscription is { Output: var output })
                {
                    await EventRows.SpecAsync(connection, output, token);
                    CheckCircle(group, output, others);
                }
                (string, object?)[] values =
                [
                    ("topic", group.Topic),
                    ("grp", group.Name),
                    ("spec", EventRows.Json(definition.Spec)),
                    (
                        "subscription",
                        definition.Subscription is null
                            ? null
                            : EventRows.Json(definition.Subscription)
                    ),
                ];
                if (existing is not null)
                    return await connection.RunAsync(
                        "UPDATE oml_event_group SET spec = @spec, subscription = @subscription, revision = revision + 1 WHERE topic = @topic AND grp = @grp",
                        token,
                        values
                    );
                if (others.Count(other => other.Group.Topic == group.Topic) >= MaxGroups)
                    throw new OverloadedException(
                        $"Topic '{group.Topic}' has {MaxGroups} groups, no more are allowed: delete one."
                    );
                var start = await SqlEventLog.ResolveAsync(
                    connection,
                    group.Topic,
                    definition.Spec.Start,
                    token
                );
                await InsertAsync(connection, group, kind, start, values, token);
                return 1;
            },
            cancellationToken
        );
        Changed(group);
        return await GetAsync(group, cancellationToken);
    }

    public async Task EnsureSourceAsync(GroupId source, CancellationToken cancellationToken) =>
        await database.TransactAsync(
            "define a source",
            async (connection, token) =>
            {
                var exists = await connection.ScalarAsync(
                    "SELECT 1 FROM oml_event_group WHERE topic = @topic AND grp = @grp",
                    token,
                    ("topic", source.Topic),
                    ("grp", source.Name)
                );
                if (exists is null)
                    await InsertAsync(
                        connection,
                        source,
                        nameof(GroupKind.Source),
                        new TopicPosition([0]),
                        [
                            ("topic", source.Topic),
                            ("grp", source.Name),
                            ("spec", EventRows.Json(new ConsumerGroupSpec())),
                            ("subscription", null),
                        ],
                        token
                    );
                return 0;
            },
            cancellationToken
        );

    public async Task<ConsumerGroupSnapshot> GetAsync(
        GroupId group,
        CancellationToken cancellationToken
    ) =>
        (await ReadAsync(group.Topic, group.Name, cancellationToken)) is [var found]
            ? found
            : throw NotFound(group);

    public Task<IReadOnlyList<ConsumerGroupSnapshot>> ListAsync(
        string? topic,
        CancellationToken cancellationToken
    ) => ReadAsync(topic, null, cancellationToken);

    public async Task DeleteAsync(GroupId group, CancellationToken cancellationToken)
    {
        await database.TransactAsync(
            "delete a consumer group",
            async (connection, token) =>
            {
                foreach (var table in GroupTables)
                    await connection.RunAsync(
                        $"DELETE FROM {table} WHERE topic = @topic AND grp = @grp",
                        token,
                        Key(group)
                    );
                return 0;
            },
            cancellationToken
        );
        Changed(group);
    }

    public async Task<ConsumerGroupSnapshot> SetPausedAsync(
        GroupId group,
        bool paused,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var set = await database.ExecuteAsync(
            "pause a consumer group",
            (connection, token) =>
                connection.RunAsync(
                    "UPDATE oml_event_group SET paused = @paused, reason = @reason, revision = revision + 1 WHERE topic = @topic AND grp = @grp",
                    token,
                    [.. Key(group), ("paused", paused), ("reason", Shorten(reason))]
                ),
            cancellationToken
        );
        if (set == 0)
            throw NotFound(group);
        Changed(group);
        return await GetAsync(group, cancellationToken);
    }

    public async Task<ConsumerGroupSnapshot> SeekAsync(
        GroupId group,
        string position,
        bool recompute,
        CancellationToken cancellationToken
    )
    {
        await database.TransactAsync(
            "move a consumer group",
            async (connection, token) =>
            {
                var moved = await connection.RunAsync(
                    "UPDATE oml_event_group SET revision = revision + 1, epoch = epoch + @epochs WHERE topic = @topic AND grp = @grp",
                    token,
                    [.. Key(group), ("epochs", recompute ? 1L : 0L)]
                );
                if (moved == 0)
                    throw NotFound(group);
                // The partitions' locks keep what is sought from being trimmed meanwhile.
                await connection.QueryAsync(
                    database.LockRow(
                        "SELECT part FROM oml_event_partition WHERE topic = @topic ORDER BY part"
                    ),
                    row => row.GetInt32(0),
                    token,
                    ("topic", group.Topic)
                );
                var next = await SqlEventLog.ResolveAsync(connection, group.Topic, position, token);
                await connection.RunManyAsync(
                    "UPDATE oml_event_cursor SET position = @position, owner = NULL, fence = fence + 1, tries = 0, last_error = NULL WHERE topic = @topic AND grp = @grp AND part = @part",
                    [
                        .. next.Next.Select(
                            (string, object?)[] (to, part) =>
                                [.. Key(group), ("position", to), ("part", part)]
                        ),
                    ],
                    token
                );
                return 0;
            },
            cancellationToken
        );
        Changed(group);
        return await GetAsync(group, cancellationToken);
    }

    private async Task InsertAsync(
        DbConnection connection,
        GroupId group,
        string kind,
        TopicPosition start,
        (string Name, object? Value)[] values,
        CancellationToken token
    )
    {
        var now = time.GetUtcNow();
        await connection.RunAsync(
            "INSERT INTO oml_event_group (topic, grp, kind, spec, subscription, paused, reason, revision, epoch, created_ticks) VALUES (@topic, @grp, @kind, @spec, @subscription, @paused, '', 1, @epoch, @ticks)",
            token,
            [
                .. values,
                ("kind", kind),
                ("paused", false),
                // A group that is deleted and made again is another one: its answers are new events.
                ("epoch", now.ToUnixTimeSeconds()),
                ("ticks", now.UtcTicks),
            ]
        );
        await connection.RunManyAsync(
            "INSERT INTO oml_event_cursor (topic, grp, part, position, owner, fence, tries, last_error) VALUES (@topic, @grp, @part, @position, NULL, 0, 0, NULL)",
            [
                .. start.Next.Select(
                    (string, object?)[] (position, part) =>
                        [.. Key(group), ("part", part), ("position", position)]
                ),
            ],
            token
        );
    }

    private Task<IReadOnlyList<ConsumerGroupSnapshot>> ReadAsync(
        string? topic,
        string? name,
        CancellationToken cancellationToken
    ) =>
        database.ExecuteAsync<IReadOnlyList<ConsumerGroupSnapshot>>(
            "read consumer groups",
            async (connection, token) =>
            {
                (string, object?)[] parameters =
                [
                    .. topic is null ? [] : new (string, object?)[] { ("topic", topic) },
                    .. name is null ? [] : new (string, object?)[] { ("grp", name) },
                ];
                var where = string.Join(
                    " AND ",
                    parameters.Select(p => $"g.{p.Item1} = @{p.Item1}").Prepend("1 = 1")
                );
                var cursors = (
                    await connection.QueryAsync(
                        $"SELECT g.topic, g.grp, g.part, g.position, g.owner, g.fence, g.tries, g.last_error, p.next_position FROM oml_event_cursor g LEFT JOIN oml_event_partition p ON p.topic = g.topic AND p.part = g.part WHERE {where} ORDER BY g.part",
                        row =>
                            (
                                Group: new GroupId(row.GetString(0), row.GetString(1)),
                                Partition: Partition(row)
                            ),
                        token,
                        parameters
                    )
                ).ToLookup(row => row.Group, row => row.Partition);
                var dead = (
                    await connection.QueryAsync(
                        $"SELECT g.topic, g.grp, count(*) FROM oml_event_dead g WHERE {where} GROUP BY g.topic, g.grp",
                        row =>
                            (
                                Group: new GroupId(row.GetString(0), row.GetString(1)),
                                Count: row.GetInt64(2)
                            ),
                        token,
                        parameters
                    )
                ).ToDictionary(row => row.Group, row => row.Count);
                var groups = await connection.QueryAsync(
                    $"SELECT g.topic, g.grp, g.kind, g.spec, g.subscription, g.paused, g.reason, g.revision, g.epoch, g.created_ticks FROM oml_event_group g WHERE {where} ORDER BY g.topic, g.grp",
                    row => Snapshot(row, cursors, dead),
                    token,
                    parameters
                );
                foreach (var group in groups)
                    EventTelemetry.Lag.Record(
                        group.Lag,
                        EventTelemetry.Tag("topic", group.Topic),
                        EventTelemetry.Tag("group", group.Group)
                    );
                return groups;
            },
            cancellationToken
        );

    private static ConsumerGroupSnapshot Snapshot(
        DbDataReader row,
        ILookup<GroupId, GroupPartition> cursors,
        Dictionary<GroupId, long> dead
    )
    {
        var id = new GroupId(row.GetString(0), row.GetString(1));
        var partitions = cursors[id].ToList();
        return new ConsumerGroupSnapshot
        {
            Topic = id.Topic,
            Group = id.Name,
            Kind = Enum.Parse<GroupKind>(row.GetString(2)),
            Spec = EventRows.Parse<ConsumerGroupSpec>(row.GetString(3)),
            Subscription = row.IsDBNull(4)
                ? null
                : EventRows.Parse<SubscriptionSpec>(row.GetString(4)),
            Paused = row.GetBoolean(5),
            Reason = row.GetString(6),
            Revision = row.GetInt64(7),
            Epoch = row.GetInt64(8),
            CreatedAt = EventRows.Time(row.GetInt64(9)),
            Lag = partitions.Sum(partition => partition.Lag),
            Dead = dead.GetValueOrDefault(id),
            Position = new TopicPosition([
                .. partitions.Select(partition => partition.Position),
            ]).ToString(),
            Partitions = partitions,
        };
    }

    private static GroupPartition Partition(DbDataReader row) =>
        new()
        {
            Partition = row.GetInt32(2),
            Position = row.GetInt64(3),
            Owner = row.IsDBNull(4) ? null : row.GetString(4),
            Fence = row.GetInt64(5),
            Tries = row.GetInt32(6),
            LastError = row.IsDBNull(7) ? null : row.GetString(7),
            // A source outside has no end that is known here.
            Lag = row.IsDBNull(8) ? 0 : row.GetInt64(8) - row.GetInt64(3),
        };

    private sealed record Definition(GroupId Group, string Kind, string? Output);

    private static Task<List<Definition>> DefinitionsAsync(
        DbConnection connection,
        CancellationToken token
    ) =>
        connection.QueryAsync(
            "SELECT topic, grp, kind, subscription FROM oml_event_group",
            row => new Definition(
                new GroupId(row.GetString(0), row.GetString(1)),
                row.GetString(2),
                row.IsDBNull(3) ? null : EventRows.Parse<SubscriptionSpec>(row.GetString(3)).Output
            ),
            token
        );

    private static void CheckCircle(GroupId group, string output, List<Definition> definitions)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([output]);
        while (open.TryPop(out var topic))
        {
            if (topic == group.Topic)
                throw new ConflictException(
                    $"output: answers in topic '{output}' would come back to topic '{group.Topic}' by other subscriptions: each would be an event to answer."
                );
            if (!reached.Add(topic))
                continue;
            foreach (var other in definitions)
            {
                if (other.Group != group && other.Group.Topic == topic && other.Output is { } next)
                    open.Push(next);
            }
        }
    }

    private void Changed(GroupId group)
    {
        signals.Raise(EventSignals.Groups);
        signals.Raise(group.Topic);
    }

    private static (string Name, object? Value)[] Key(GroupId group) =>
        [("topic", group.Topic), ("grp", group.Name)];

    private static string Shorten(string text) => text.Length <= MaxError ? text : text[..MaxError];

    private static NotFoundException NotFound(GroupId group) =>
        new($"Topic '{group.Topic}' has no group '{group.Name}'.");
}
