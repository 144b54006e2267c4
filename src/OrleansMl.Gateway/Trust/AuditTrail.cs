using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Trust;

/// <summary>What an endpoint tells the record of its own call.</summary>
internal sealed class AuditTrail
{
    public string Detail { get; private set; } = "";

    public string? Subject { get; private set; }

    /// <summary>Adds what changed; no secrets. Nothing where the call is not recorded.</summary>
    public static void Note(HttpContext context, string detail, string? subject = null)
    {
        if (context.Features.Get<AuditTrail>() is not { } trail)
            return;
        trail.Detail = trail.Detail.Length == 0 ? detail : $"{trail.Detail}; {detail}";
        trail.Subject = subject ?? trail.Subject;
    }
}
