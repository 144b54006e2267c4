using System.Data.Common;
using System.Globalization;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <inheritdoc/>
internal sealed class SqlEventLog(
    Database database,
    EventRows rows,
    EventTransactions transactions,
    EventTrimming trimming,
    EventSignals signals,
    TimeProvider time
) : IEventLog
{
    private const int MaxTopics = 1_000;
    private static readonly string[] TopicTables =
    [
        "oml_event",
        "oml_event_id",
        "oml_event_partition",
        "oml_topic",
    ];

    public async Task EnsureTopicAsync(
        string topic,
        TopicSpec spec,
        CancellationToken cancellationToken
    )
    {
        EventChecks.Topic(topic, spec);
        await database.TransactAsync(
            "make a topic",
            (connection, token) => InsertTopicAsync(connection, topic, spec, token),
            cancellationToken
        );
    }

    public async Task<TopicSnapshot> PutTopicAsync(
        string topic,
        TopicSpec spec,
        CancellationToken cancellationToken
    )
    {
        EventChecks.Topic(topic, spec);
        await database.TransactAsync(
            "make a topic",
            async (connection, token) =>
            {
                if (await InsertTopicAsync(connection, topic, spec, token))
                    return 1;
                var before = await EventRows.SpecAsync(connection, topic, token);
                if (before.Partitions != spec.Partitions)
                    throw new ConflictException(
                        $"Topic '{topic}' has {before.Partitions} partitions, {spec.Partitions} were asked for: the number is fixed, because a key must stay where it is. Make another topic."
                    );
                return await connection.RunAsync(
                    "UPDATE oml_topic SET spec = @spec WHERE topic = @topic",
                    token,
                    ("spec", EventRows.Json(spec)),
                    ("topic", topic)
                );
            },
            cancellationToken
        );
        return await GetTopicAsync(topic, cancellationToken);
    }

    public async Task<TopicSnapshot> GetTopicAsync(
        string topic,
        CancellationToken cancellationToken
    ) =>
        (await ReadTopicsAsync(topic, cancellationToken)) is [var found]
            ? found
            : throw new NotFoundException(
                $"There is no topic '{topic}': make it first, PUT /api/v1/topics/{topic}."
            );

    public Task<IReadOnlyList<TopicSnapshot>> ListTopicsAsync(
        CancellationToken cancellationToken
    ) => ReadTopicsAsync(null, cancellationToken);

    public async Task DeleteTopicAsync(string topic, CancellationToken cancellationToken) =>
        await database.TransactAsync(
            "delete a topic",
            async (connection, token) =>
            {
                var groups = await connection.QueryAsync(
                    "SELECT topic, grp, subscription FROM oml_event_group ORDER BY topic, grp",
                    row =>
                        (
                            Topic: row.GetString(0),
                            Group: row.GetString(1),
                            Output: row.IsDBNull(2)
                                ? null
                                : EventRows.Parse<SubscriptionSpec>(row.GetString(2)).Output
                        ),
                    token
                );
                foreach (var group in groups)
                {
                    if (group.Topic == topic || group.Output == topic)
                        throw new ConflictException(
                            $"Topic '{topic}' is used by group '{group.Group}' of topic '{group.Topic}': delete that first."
                        );
                }
                foreach (var table in TopicTables)
                    await connection.RunAsync(
                        $"DELETE FROM {table} WHERE topic = @topic",
                        token,
                        ("topic", topic)
                    );
                return 0;
            },
            cancellationToken
        );

    public async Task<IReadOnlyList<EventReceipt>> PublishAsync(
        string topic,
        IReadOnlyList<EventMessage> events,
        CancellationToken cancellationToken
    )
    {
        var receipts = await transactions.RunAsync(
            "publish events",
            (connection, token) => rows.AppendAsync(connection, topic, events, token),
            cancellationToken
        );
        signals.Raise(topic);
        EventTelemetry.Published.Add(
            receipts.Count(receipt => !receipt.Duplicate),
            EventTelemetry.Tag("topic", topic)
        );
        return receipts;
    }

    public Task<(IReadOnlyList<LoggedEvent> Events, TopicPosition Next)> ReadAsync(
        string topic,
        TopicPosition from,
        int max,
        CancellationToken cancellationToken
    ) =>
        database.ExecuteAsync<(IReadOnlyList<LoggedEvent>, TopicPosition)>(
            "read events",
            async (connection, token) =>
            {
                var partitions = await PartitionsAsync(connection, topic, token);
                CheckCount(topic, from, partitions.Count);
                var next = new long[partitions.Count];
                var waiting = 0;
                for (var i = 0; i < next.Length; i++)
                {
                    // Past the end is where the next event will be; before the beginning is gone.
                    next[i] = Math.Max(from.Next[i], partitions[i].First);
                    if (next[i] < partitions[i].Next)
                        waiting++;
                }
                var events = new List<LoggedEvent>();
                for (var i = 0; i < next.Length && waiting > 0 && events.Count < max; i++)
                {
                    if (next[i] >= partitions[i].Next)
                        continue;
                    var share = Math.Max(1, (max - events.Count) / waiting--);
                    var page = await EventRows.PageAsync(
                        connection,
                        topic,
                        i,
                        next[i],
                        share,
                        token
                    );
                    if (page.Count > 0)
                        next[i] = page[^1].Position + 1;
                    events.AddRange(page);
                }
                return (events, new TopicPosition(next));
            },
            cancellationToken
        );

    public Task<TopicPosition> ResolveAsync(
        string topic,
        string position,
        CancellationToken cancellationToken
    ) =>
        database.ExecuteAsync(
            "find a position",
            (connection, token) => ResolveAsync(connection, topic, position, token),
            cancellationToken
        );

    public Task<long> TrimAsync(CancellationToken cancellationToken) =>
        trimming.TrimAsync(cancellationToken);

    /// <summary>As <see cref="ResolveAsync(string, string, CancellationToken)"/>, within a transaction.</summary>
    public static async Task<TopicPosition> ResolveAsync(
        DbConnection connection,
        string topic,
        string position,
        CancellationToken token
    )
    {
        var partitions = await PartitionsAsync(connection, topic, token);
        if (position == "earliest")
            return new TopicPosition([.. partitions.Select(p => p.First)]);
        if (position == "latest")
            return new TopicPosition([.. partitions.Select(p => p.Next)]);
        if (TopicPosition.TryParse(position, out var exact))
        {
            CheckCount(topic, exact, partitions.Count);
            return new TopicPosition([
                .. partitions.Select(p => Math.Clamp(exact.Next[p.Partition], p.First, p.Next)),
            ]);
        }
        if (
            !DateTimeOffset.TryParse(
                position,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var at
            )
        )
            throw new InvalidInputException(
                $"'{position}' is no position in topic '{topic}': expected earliest, latest, a time (ISO 8601), or {partitions.Count} numbers with commas, the next position of each partition."
            );
        var next = new long[partitions.Count];
        for (var i = 0; i < next.Length; i++)
            next[i] = await connection.ScalarAsync(
                "SELECT min(position) FROM oml_event WHERE topic = @topic AND part = @part AND published_ticks >= @ticks",
                token,
                ("topic", topic),
                ("part", i),
                ("ticks", at.UtcTicks)
            )
                is { } first
                ? Convert.ToInt64(first)
                : partitions[i].Next;
        return new TopicPosition(next);
    }

    private async Task<bool> InsertTopicAsync(
        DbConnection connection,
        string topic,
        TopicSpec spec,
        CancellationToken token
    )
    {
        var count = Convert.ToInt64(
            await connection.ScalarAsync("SELECT count(*) FROM oml_topic", token)
        );
        if (count >= MaxTopics)
            throw new OverloadedException(
                $"There are {count} topics, at most {MaxTopics} may be: delete one."
            );
        var made = await connection.RunAsync(
            "INSERT INTO oml_topic (topic, spec, created_ticks) VALUES (@topic, @spec, @ticks) ON CONFLICT (topic) DO NOTHING",
            token,
            ("topic", topic),
            ("spec", EventRows.Json(spec)),
            ("ticks", time.GetUtcNow().UtcTicks)
        );
        if (made == 0)
            return false;
        await connection.RunManyAsync(
            "INSERT INTO oml_event_partition (topic, part, first_position, next_position, bytes) VALUES (@topic, @part, 0, 0, 0)",
            [
                .. Enumerable
                    .Range(0, spec.Partitions)
                    .Select((string, object?)[] (part) => [("topic", topic), ("part", part)]),
            ],
            token
        );
        return true;
    }

    private Task<IReadOnlyList<TopicSnapshot>> ReadTopicsAsync(
        string? topic,
        CancellationToken cancellationToken
    ) =>
        database.ExecuteAsync<IReadOnlyList<TopicSnapshot>>(
            "read topics",
            async (connection, token) =>
            {
                (string, object?)[] parameters = topic is null ? [] : [("topic", topic)];
                var only = topic is null ? "" : "WHERE topic = @topic";
                var topics = await connection.QueryAsync(
                    $"SELECT topic, spec, created_ticks FROM oml_topic {only} ORDER BY topic",
                    row =>
                        (Name: row.GetString(0), Spec: row.GetString(1), Created: row.GetInt64(2)),
                    token,
                    parameters
                );
                var partitions = (
                    await connection.QueryAsync(
                        $"SELECT topic, part, first_position, next_position, bytes FROM oml_event_partition {only} ORDER BY topic, part",
                        row => (Topic: row.GetString(0), Partition: Partition(row, 1)),
                        token,
                        parameters
                    )
                ).ToLookup(row => row.Topic, row => row.Partition);
                var cursors = (
                    await connection.QueryAsync(
                        $"SELECT topic, grp, part, position FROM oml_event_cursor {only} ORDER BY topic, grp, part",
                        row =>
                            (
                                Topic: row.GetString(0),
                                Group: row.GetString(1),
                                Partition: row.GetInt32(2),
                                Position: row.GetInt64(3)
                            ),
                        token,
                        parameters
                    )
                ).ToLookup(row => row.Topic);
                return
                [
                    .. topics.Select(found => new TopicSnapshot
                    {
                        Name = found.Name,
                        Spec = EventRows.Parse<TopicSpec>(found.Spec),
                        CreatedAt = EventRows.Time(found.Created),
                        Partitions = [.. partitions[found.Name]],
                        Groups = [.. cursors[found.Name].Select(cursor => cursor.Group).Distinct()],
                        Backlog = cursors[found.Name]
                            .GroupBy(cursor => cursor.Group)
                            .Select(group =>
                                group.Sum(cursor =>
                                    partitions[found.Name].ElementAt(cursor.Partition).Next
                                    - cursor.Position
                                )
                            )
                            .DefaultIfEmpty()
                            .Max(),
                    }),
                ];
            },
            cancellationToken
        );

    private static async Task<List<TopicPartition>> PartitionsAsync(
        DbConnection connection,
        string topic,
        CancellationToken token
    )
    {
        var partitions = await connection.QueryAsync(
            "SELECT part, first_position, next_position, bytes FROM oml_event_partition WHERE topic = @topic ORDER BY part",
            row => Partition(row, 0),
            token,
            ("topic", topic)
        );
        if (partitions.Count == 0)
            await EventRows.SpecAsync(connection, topic, token);
        return partitions;
    }

    private static TopicPartition Partition(DbDataReader row, int column) =>
        new()
        {
            Partition = row.GetInt32(column),
            First = row.GetInt64(column + 1),
            Next = row.GetInt64(column + 2),
            Bytes = row.GetInt64(column + 3),
        };

    private static void CheckCount(string topic, TopicPosition position, int partitions)
    {
        if (position.Next.Count != partitions)
            throw new InvalidInputException(
                $"'{position}' is no position in topic '{topic}': expected {partitions} numbers with commas, got {position.Next.Count}."
            );
    }
}
