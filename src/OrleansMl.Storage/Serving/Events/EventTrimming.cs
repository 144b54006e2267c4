using System.Data.Common;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>Removes events and ids that a topic keeps no longer, a bounded number in each transaction.</summary>
internal sealed class EventTrimming(Database database, TimeProvider time)
{
    // A transaction holds the partition's lock: publishers wait for so many deletions at the most.
    private const int MaxDeletions = 2_000;

    public async Task<long> TrimAsync(CancellationToken cancellationToken)
    {
        var topics = await database.ExecuteAsync(
            "read topics",
            (connection, token) =>
                connection.QueryAsync(
                    "SELECT topic, spec FROM oml_topic ORDER BY topic",
                    row =>
                        (
                            Name: row.GetString(0),
                            Spec: EventRows.Parse<TopicSpec>(row.GetString(1))
                        ),
                    token
                ),
            cancellationToken
        );
        var total = 0L;
        foreach (var (name, spec) in topics)
        {
            for (var partition = 0; partition < spec.Partitions; partition++)
            {
                long trimmed;
                do
                {
                    trimmed = await TrimAsync(name, spec, partition, cancellationToken);
                    total += trimmed;
                } while (trimmed == MaxDeletions);
            }
            if (spec.DedupeHours > 0)
                await ForgetAsync(name, spec, cancellationToken);
        }
        return total;
    }

    private Task<long> TrimAsync(
        string topic,
        TopicSpec spec,
        int partition,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "trim a topic",
            async (connection, token) =>
            {
                // The lock keeps a new group from beginning at what is about to go, and the bytes' sum true.
                var rows = await connection.QueryAsync(
                    database.LockRow(
                        "SELECT first_position, next_position, bytes FROM oml_event_partition WHERE topic = @topic AND part = @part"
                    ),
                    row => (First: row.GetInt64(0), Next: row.GetInt64(1), Bytes: row.GetInt64(2)),
                    token,
                    ("topic", topic),
                    ("part", partition)
                );
                if (rows.Count == 0)
                    return 0;
                var (first, next, bytes) = rows[0];
                var consumed = await connection.ScalarAsync(
                    "SELECT min(position) FROM oml_event_cursor WHERE topic = @topic AND part = @part",
                    token,
                    ("topic", topic),
                    ("part", partition)
                );
                var most = Math.Min(
                    consumed is null ? next : Convert.ToInt64(consumed),
                    first + MaxDeletions
                );
                var kept = await FirstKeptAsync(
                    connection,
                    topic,
                    spec,
                    partition,
                    (first, most, bytes),
                    token
                );
                return kept <= first
                    ? 0
                    : await DeleteAsync(connection, topic, partition, (first, kept), token);
            },
            cancellationToken
        );

    // Walks from the oldest event to the first that is neither too old nor beyond the bytes.
    private async Task<long> FirstKeptAsync(
        DbConnection connection,
        string topic,
        TopicSpec spec,
        int partition,
        (long First, long Most, long Bytes) range,
        CancellationToken token
    )
    {
        var before = (time.GetUtcNow() - TimeSpan.FromHours(spec.RetentionHours)).UtcTicks;
        var excess = range.Bytes - spec.RetentionBytes / spec.Partitions;
        var kept = range.First;
        var events = await connection.QueryAsync(
            "SELECT position, published_ticks, length(payload) FROM oml_event WHERE topic = @topic AND part = @part AND position >= @first AND position < @most ORDER BY position",
            row =>
                (
                    Position: row.GetInt64(0),
                    Ticks: row.GetInt64(1),
                    Bytes: Convert.ToInt64(row.GetValue(2))
                ),
            token,
            ("topic", topic),
            ("part", partition),
            ("first", range.First),
            ("most", range.Most)
        );
        foreach (var e in events)
        {
            if (e.Ticks >= before && excess <= 0)
                break;
            excess -= e.Bytes;
            kept = e.Position + 1;
        }
        return kept;
    }

    private static async Task<long> DeleteAsync(
        DbConnection connection,
        string topic,
        int partition,
        (long First, long Kept) range,
        CancellationToken token
    )
    {
        (string, object?)[] where = [("topic", topic), ("part", partition), ("kept", range.Kept)];
        var bytes = Convert.ToInt64(
            await connection.ScalarAsync(
                "SELECT coalesce(sum(length(payload)), 0) FROM oml_event WHERE topic = @topic AND part = @part AND position < @kept",
                token,
                where
            )
        );
        await connection.RunAsync(
            "DELETE FROM oml_event WHERE topic = @topic AND part = @part AND position < @kept",
            token,
            where
        );
        await connection.RunAsync(
            "UPDATE oml_event_partition SET first_position = @kept, bytes = bytes - @bytes WHERE topic = @topic AND part = @part",
            token,
            [.. where, ("bytes", bytes)]
        );
        return range.Kept - range.First;
    }

    // An id is remembered at least as long as its event is kept.
    private Task<int> ForgetAsync(
        string topic,
        TopicSpec spec,
        CancellationToken cancellationToken
    ) =>
        database.ExecuteAsync(
            "forget events' ids",
            (connection, token) =>
                connection.RunAsync(
                    "DELETE FROM oml_event_id WHERE topic = @topic AND published_ticks < @before AND position < (SELECT first_position FROM oml_event_partition p WHERE p.topic = oml_event_id.topic AND p.part = oml_event_id.part)",
                    token,
                    ("topic", topic),
                    ("before", (time.GetUtcNow() - TimeSpan.FromHours(spec.DedupeHours)).UtcTicks)
                ),
            cancellationToken
        );
}
