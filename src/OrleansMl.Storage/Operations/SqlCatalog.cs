using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Core.Operations;

namespace OrleansMl.Storage.Operations;

/// <inheritdoc/>
internal sealed class SqlCatalog(Database database) : ICatalog
{
    private const int MaxSummaryBytes = 16 * 1024;
    private const int MaxLimit = 1000;

    /// <summary>The highest code point: what begins with a prefix sorts before prefix + this.</summary>
    private const string AfterAnything = "\U0010FFFF";

    public Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetByteCount(entry.Summary);
        if (bytes > MaxSummaryBytes)
            throw new InvalidInputException(
                $"The catalogue summary of {entry.Kind} '{entry.Key}' has {bytes} bytes, at most {MaxSummaryBytes} are kept: leave out what lists don't show."
            );
        return database.ExecuteAsync(
            "write the catalogue",
            (connection, token) =>
                connection.RunAsync(
                    "INSERT INTO oml_catalogue (kind, key, status, created_ticks, summary) VALUES (@kind, @key, @status, @created, @summary) ON CONFLICT (kind, key) DO UPDATE SET status = excluded.status, created_ticks = excluded.created_ticks, summary = excluded.summary",
                    token,
                    ("kind", entry.Kind),
                    ("key", entry.Key),
                    ("status", entry.Status),
                    ("created", entry.CreatedAt.UtcTicks),
                    ("summary", entry.Summary)
                ),
            cancellationToken
        );
    }

    public Task RemoveAsync(string kind, string key, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "write the catalogue",
            (connection, token) =>
                connection.RunAsync(
                    "DELETE FROM oml_catalogue WHERE kind = @kind AND key = @key",
                    token,
                    ("kind", kind),
                    ("key", key)
                ),
            cancellationToken
        );

    public async Task<IReadOnlyList<CatalogEntry>> ListAsync(
        CatalogQuery query,
        CancellationToken cancellationToken
    )
    {
        if (query.Limit is < 1 or > MaxLimit)
            throw new InvalidInputException(
                $"A page of the catalogue has 1 to {MaxLimit} rows, {query.Limit} were asked for."
            );
        if (query.Offset < 0)
            throw new InvalidInputException(
                $"A page of the catalogue begins at 0 or later, {query.Offset} was asked for."
            );

        var sql = new StringBuilder(
            "SELECT kind, key, status, created_ticks, summary FROM oml_catalogue WHERE kind = @kind"
        );
        var parameters = new List<(string, object?)> { ("kind", query.Kind) };
        if (query.Statuses.Count > 0)
        {
            sql.Append(" AND ").Append(database.InJsonArray("status", "@statuses"));
            parameters.Add(("statuses", JsonSerializer.Serialize(query.Statuses)));
        }
        if (!string.IsNullOrEmpty(query.KeyPrefix))
        {
            sql.Append(" AND key >= @prefix AND key < @prefix_end");
            parameters.Add(("prefix", query.KeyPrefix));
            parameters.Add(("prefix_end", query.KeyPrefix + AfterAnything));
        }
        sql.Append(" ORDER BY created_ticks DESC, key DESC LIMIT @limit OFFSET @offset");
        parameters.Add(("limit", query.Limit));
        parameters.Add(("offset", query.Offset));

        return await database.ExecuteAsync(
            "read the catalogue",
            (connection, token) =>
                connection.QueryAsync(
                    sql.ToString(),
                    row => new CatalogEntry(
                        row.GetString(0),
                        row.GetString(1),
                        row.GetString(2),
                        new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero),
                        row.GetString(4)
                    ),
                    token,
                    [.. parameters]
                ),
            cancellationToken
        );
    }

    public async Task<IReadOnlyDictionary<string, long>> CountAsync(
        string kind,
        CancellationToken cancellationToken
    )
    {
        var rows = await database.ExecuteAsync(
            "count the catalogue",
            (connection, token) =>
                connection.QueryAsync(
                    "SELECT status, count(*) FROM oml_catalogue WHERE kind = @kind GROUP BY status",
                    row => (Status: row.GetString(0), Count: row.GetInt64(1)),
                    token,
                    ("kind", kind)
                ),
            cancellationToken
        );
        return rows.ToDictionary(row => row.Status, row => row.Count);
    }
}
