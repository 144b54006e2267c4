namespace OrleansMl.Core.Trust;

/// <summary>Which records to read; what is null filters nothing.</summary>
/// <param name="Actor">Exactly this actor.</param>
/// <param name="ActionPrefix">Actions that begin so: <c>model.</c>.</param>
/// <param name="SubjectPrefix">Subjects that begin so: <c>model/fashion</c>.</param>
/// <param name="Request">One request's records.</param>
/// <param name="From">At this time or later.</param>
/// <param name="To">Before this time.</param>
/// <param name="Before">Records older than this id.</param>
/// <param name="Limit">The most records, 1 to 1,000.</param>
public sealed record AuditQuery(
    string? Actor = null,
    string? ActionPrefix = null,
    string? SubjectPrefix = null,
    string? Request = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    long? Before = null,
    int Limit = 100
);
