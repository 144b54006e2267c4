using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Trust;

/// <inheritdoc/>
internal sealed class SqlAuditLog(Database database, TimeProvider time) : IAuditLog
{
    private const int MaxLimit = 1000;
    private const int MaxName = 300;
    private const int MaxDetail = 4000;

    /// <summary>The highest code point: what begins with a prefix sorts before prefix + this.</summary>
    private const string AfterAnything = "\U0010FFFF";

    public Task RecordAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var request = entry.Request.Length > 0 ? entry.Request : Guid.NewGuid().ToString("N");
        var at = time.GetUtcNow().UtcTicks;
        // The write may be repeated after its first try was carried out: the key makes it one record.
        return database.ExecuteAsync(
            "write the audit log",
            (connection, token) =>
                connection.RunAsync(
                    "INSERT INTO oml_audit (at_ticks, actor, action, subject, outcome, detail, origin, request) VALUES (@at, @actor, @action, @subject, @outcome, @detail, @origin, @request) ON CONFLICT (request, action, outcome) DO NOTHING",
                    token,
                    ("at", at),
                    ("actor", Cut(entry.Actor, MaxName)),
                    ("action", Cut(entry.Action, MaxName)),
                    ("subject", Cut(entry.Subject, MaxName)),
                    ("outcome", entry.Outcome.ToString()),
                    ("detail", Cut(entry.Detail, MaxDetail)),
                    ("origin", Cut(entry.Origin, MaxName)),
                    ("request", Cut(request, MaxName))
                ),
            cancellationToken
        );
    }

    public async Task<IReadOnlyList<AuditRecord>> ListAsync(
        AuditQuery query,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Limit is < 1 or > MaxLimit)
            throw new InvalidInputException(
                $"A page of the audit log has 1 to {MaxLimit} records, {query.Limit} were asked for."
            );
        var sql = new StringBuilder(
            "SELECT id, at_ticks, actor, action, subject, outcome, detail, origin, request FROM oml_audit WHERE 1 = 1"
        );
        var parameters = new List<(string, object?)>();
        Add(query.Actor, "actor = @actor", "actor");
        AddPrefix(query.ActionPrefix, "action");
        AddPrefix(query.SubjectPrefix, "subject");
        Add(query.Request, "request = @request", "request");
        Add(query.From?.UtcTicks, "at_ticks >= @from", "from");
        Add(query.To?.UtcTicks, "at_ticks < @to", "to");
        Add(query.Before, "id < @before", "before");
        sql.Append(" ORDER BY id DESC LIMIT @limit");
        parameters.Add(("limit", query.Limit));
        return await database.ExecuteAsync(
            "read the audit log",
            (connection, token) =>
                connection.QueryAsync(
                    sql.ToString(),
                    row => new AuditRecord
                    {
                        Id = row.GetInt64(0),
                        At = new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero),
                        Actor = row.GetString(2),
                        Action = row.GetString(3),
                        Subject = row.GetString(4),
                        Outcome = Enum.Parse<AuditOutcome>(row.GetString(5)),
                        Detail = row.GetString(6),
                        Origin = row.GetString(7),
                        Request = row.GetString(8),
                    },
                    token,
                    [.. parameters]
                ),
            cancellationToken
        );

        void Add(object? value, string condition, string name)
        {
            if (value is null)
                return;
            sql.Append(" AND ").Append(condition);
            parameters.Add((name, value));
        }

        void AddPrefix(string? prefix, string column)
        {
            if (string.IsNullOrEmpty(prefix))
                return;
            sql.Append($" AND {column} >= @{column} AND {column} < @{column}_end");
            parameters.Add((column, prefix));
            parameters.Add(($"{column}_end", prefix + AfterAnything));
        }
    }

    private static string Cut(string text, int most) =>
        // PostgreSQL keeps no NUL in texts.
        (text.Length <= most ? text : text[..(most - 1)] + '…').Replace('\0', '\uFFFD');
}
