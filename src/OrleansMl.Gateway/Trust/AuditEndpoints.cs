using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>The audit log, for administrators.</summary>
internal static class AuditEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/api/v1/audit", ListAsync)
            .Needs(Permission.Administer)
            .WithTags("Trust")
            .WithSummary(
                "Who changed what, newest first; filters: actor, action, subject, request, from, to"
            )
            .Produces<AuditPage>();

    private static async Task<IResult> ListAsync(IAuditLog log, HttpContext context)
    {
        var request = context.Request;
        var limit = QueryReading.Integer(request, "limit", 100, 1, QueryReading.MaxPage);
        // One record more than asked tells whether there is a next page.
        var found = await log.ListAsync(
            new AuditQuery(
                QueryReading.Text(request, "actor"),
                QueryReading.Text(request, "action"),
                QueryReading.Text(request, "subject"),
                QueryReading.Text(request, "request"),
                Time(request, "from"),
                Time(request, "to"),
                Before(request),
                limit + 1
            ),
            context.RequestAborted
        );
        return JsonAnswer.Of(
            new AuditPage
            {
                Items = [.. found.Take(limit)],
                Next = found.Count > limit ? found[limit - 1].Id : null,
            }
        );
    }

    private static long? Before(HttpRequest request)
    {
        if (QueryReading.Text(request, "before") is not { } text)
            return null;
        return
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id > 0
            ? id
            : throw RequestException.Invalid($"before: expected the id of a record, got '{text}'.");
    }

    private static DateTimeOffset? Time(HttpRequest request, string key)
    {
        if (QueryReading.Text(request, key) is not { } text)
            return null;
        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
            : throw RequestException.Invalid(
                $"{key}: expected a time as 2026-01-31T12:00:00Z, got '{text}'."
            );
    }
}
