using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>What an endpoint tells the record of its own call.</summary>
internal sealed class AuditTrail
{
    public string Detail { get; private set; } = "";

    public string? Subject { get; private set; }

    /// <summary>How the call failed where its status doesn't say so, as over gRPC; null: it didn't.</summary>
    public ErrorAnswer? Failure { get; private set; }

    /// <summary>Says that the call failed.</summary>
    public static void Fail(HttpContext context, ErrorAnswer failure)
    {
        if (context.Features.Get<AuditTrail>() is { } trail)
            trail.Failure = failure;
    }

    /// <summary>Adds what changed; no secrets. Nothing where the call is not recorded.</summary>
    public static void Note(HttpContext context, string detail, string? subject = null)
    {
        if (context.Features.Get<AuditTrail>() is not { } trail)
            return;
        trail.Detail = trail.Detail.Length == 0 ? detail : $"{trail.Detail}; {detail}";
        trail.Subject = subject ?? trail.Subject;
    }
}
