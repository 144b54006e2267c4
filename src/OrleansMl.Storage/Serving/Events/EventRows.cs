using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>Reads and appends events within a caller's transaction: publishing and committing an effect are the same thing.</summary>
internal sealed class EventRows(Database database, TimeProvider time)
{
    /// <summary>The most bytes of payloads of one read: a page of the largest events would fill the memory.</summary>
    public const int MaxReadBytes = 8 << 20;

    /// <summary>The columns that <see cref="Read"/> takes, from the first.</summary>
    public const string Columns =
        "part, position, published_ticks, event_id, event_key, event_type, payload, is_json";

    public static LoggedEvent Read(DbDataReader row) =>
        new(
            row.GetInt32(0),
            row.GetInt64(1),
            Time(row.GetInt64(2)),
            new EventMessage
            {
                Id = row.GetString(3),
                Key = row.IsDBNull(4) ? null : row.GetString(4),
                Type = row.GetString(5),
                Data = row.GetFieldValue<byte[]>(6),
                IsJson = row.GetBoolean(7),
            }
        );

    public static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    public static string Json<T>(T value) => JsonSerializer.Serialize(value, ContractsJson.Options);

    public static T Parse<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, ContractsJson.Options)!;

    public static async Task<TopicSpec> SpecAsync(
        DbConnection connection,
        string topic,
        CancellationToken token
    ) =>
        await connection.ScalarAsync(
            "SELECT spec FROM oml_topic WHERE topic = @topic",
            token,
            ("topic", topic)
        )
            is string spec
            ? Parse<TopicSpec>(spec)
            : throw new NotFoundException(
                $"There is no topic '{topic}': make it first, PUT /api/v1/topics/{topic}."
            );

    /// <summary>Events of one partition from a position on.</summary>
    public static Task<List<LoggedEvent>> PageAsync(
        DbConnection connection,
        string topic,
        int partition,
        long from,
        int max,
        CancellationToken token
    ) =>
        connection.QueryAsync(
            $"""
            SELECT {Columns}
            FROM (
                SELECT {Columns}, sum(length(payload)) OVER (ORDER BY position) - length(payload) AS ahead
                FROM (
                    SELECT {Columns} FROM oml_event
                    WHERE topic = @topic AND part = @part AND position >= @position
                    ORDER BY position LIMIT @max
                ) AS page
            ) AS measured
            WHERE ahead < @bytes
            ORDER BY position
            """,
            Read,
            token,
            ("topic", topic),
            ("part", partition),
            ("position", from),
            ("max", max),
            ("bytes", (long)MaxReadBytes)
        );

    /// <summary>Appends events to a topic. Whoever appends to the same partitions waits until this transaction ends.</summary>
    /// <exception cref="EventIdRaceException">Another appended one of the ids meanwhile: repeat the transaction.</exception>
    public async Task<IReadOnlyList<EventReceipt>> AppendAsync(
        DbConnection connection,
        string topic,
        IReadOnlyList<EventMessage> events,
        CancellationToken token
    )
    {
        var spec = await SpecAsync(connection, topic, token);
        EventChecks.Events(topic, events, spec.MaxEventBytes);
        var places = events
            .Select(message => EventPartitions.Of(message, spec.Partitions))
            .ToArray();
        var next = await LockAsync(connection, topic, places, token);
        var known = await KnownAsync(connection, topic, events, token);
        var receipts = new EventReceipt[events.Count];
        var appended = new List<LoggedEvent>(events.Count);
        var now = time.GetUtcNow();
        for (var i = 0; i < events.Count; i++)
        {
            var message = events[i];
            var first = known.TryGetValue(message.Id, out var place);
            if (!first)
            {
                place = new EventPlace(places[i], next[places[i]]++);
                known.Add(message.Id, place);
                appended.Add(new LoggedEvent(place.Partition, place.Position, now, message));
            }
            receipts[i] = new EventReceipt
            {
                Id = message.Id,
                Partition = place.Partition,
                Position = place.Position,
                Duplicate = first,
            };
        }
        if (appended.Count == 0)
            return receipts;
        await CheckBacklogAsync(connection, topic, spec, token);
        await InsertAsync(connection, topic, appended, next, token);
        await database.NotifyAsync(connection, topic, token);
        return receipts;
    }

    private async Task<Dictionary<int, long>> LockAsync(
        DbConnection connection,
        string topic,
        IEnumerable<int> partitions,
        CancellationToken token
    )
    {
        // In one order for all, so that two who append to several partitions never wait for each other.
        var numbers = string.Join(
            ',',
            partitions
                .Distinct()
                .Order()
                .Select(partition => partition.ToString(CultureInfo.InvariantCulture))
        );
        var rows = await connection.QueryAsync(
            database.LockRow(
                $"SELECT part, next_position FROM oml_event_partition WHERE topic = @topic AND part IN ({numbers}) ORDER BY part"
            ),
            row => (Partition: row.GetInt32(0), Next: row.GetInt64(1)),
            token,
            ("topic", topic)
        );
        return rows.ToDictionary(row => row.Partition, row => row.Next);
    }

    private async Task<Dictionary<string, EventPlace>> KnownAsync(
        DbConnection connection,
        string topic,
        IReadOnlyList<EventMessage> events,
        CancellationToken token
    )
    {
        var rows = await connection.QueryAsync(
            $"SELECT event_id, part, position FROM oml_event_id WHERE topic = @topic AND {database.InJsonArray("event_id", "@ids")}",
            row => (Id: row.GetString(0), Place: new EventPlace(row.GetInt32(1), row.GetInt64(2))),
            token,
            ("topic", topic),
            ("ids", JsonSerializer.Serialize(events.Select(message => message.Id)))
        );
        return rows.ToDictionary(row => row.Id, row => row.Place);
    }

    private static async Task CheckBacklogAsync(
        DbConnection connection,
        string topic,
        TopicSpec spec,
        CancellationToken token
    )
    {
        var behind = await connection.QueryAsync(
            "SELECT c.grp, sum(p.next_position - c.position) AS lag FROM oml_event_cursor c JOIN oml_event_partition p ON p.topic = c.topic AND p.part = c.part WHERE c.topic = @topic GROUP BY c.grp ORDER BY lag DESC LIMIT 1",
            row => (Group: row.GetString(0), Lag: Convert.ToInt64(row.GetValue(1))),
            token,
            ("topic", topic)
        );
        if (behind.Count > 0 && behind[0].Lag >= spec.MaxBacklog)
            throw new OverloadedException(
                $"Group '{behind[0].Group}' of topic '{topic}' is {behind[0].Lag} events behind, at most {spec.MaxBacklog} may be: publish the same events again later, let the group catch up, or delete it."
            );
    }

    private static async Task InsertAsync(
        DbConnection connection,
        string topic,
        List<LoggedEvent> events,
        Dictionary<int, long> next,
        CancellationToken token
    )
    {
        // By id for all, as with partitions.
        var ids = await connection.RunManyAsync(
            "INSERT INTO oml_event_id (topic, event_id, part, position, published_ticks) VALUES (@topic, @id, @part, @position, @ticks) ON CONFLICT (topic, event_id) DO NOTHING",
            [
                .. events
                    .OrderBy(e => e.Message.Id, StringComparer.Ordinal)
                    .Select(
                        (string, object?)[] (e) =>
                            [
                                ("topic", topic),
                                ("id", e.Message.Id),
                                ("part", e.Partition),
                                ("position", e.Position),
                                ("ticks", e.PublishedAt.UtcTicks),
                            ]
                    ),
            ],
            token
        );
        if (ids != events.Count)
            throw new EventIdRaceException();
        await connection.RunManyAsync(
            "INSERT INTO oml_event (topic, part, position, event_id, event_key, event_type, payload, is_json, published_ticks) VALUES (@topic, @part, @position, @id, @key, @type, @payload, @json, @ticks)",
            [.. events.Select(e => Values(e, ("topic", topic)))],
            token
        );
        await connection.RunManyAsync(
            "UPDATE oml_event_partition SET next_position = @next, bytes = bytes + @bytes WHERE topic = @topic AND part = @part",
            [
                .. events
                    .GroupBy(e => e.Partition)
                    .Select(
                        (string, object?)[] (part) =>
                            [
                                ("next", next[part.Key]),
                                ("bytes", part.Sum(e => (long)e.Message.Data.Length)),
                                ("topic", topic),
                                ("part", part.Key),
                            ]
                    ),
            ],
            token
        );
    }

    /// <summary>An event's columns as parameters, after the ones given.</summary>
    public static (string Name, object? Value)[] Values(
        LoggedEvent e,
        params (string Name, object? Value)[] before
    ) =>
        [
            .. before,
            ("part", e.Partition),
            ("position", e.Position),
            ("id", e.Message.Id),
            ("key", e.Message.Key),
            ("type", e.Message.Type),
            ("payload", e.Message.Data.ToArray()),
            ("json", e.Message.IsJson),
            ("ticks", e.PublishedAt.UtcTicks),
        ];
}
