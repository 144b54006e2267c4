using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>
/// Records a call before its endpoint runs, and how it ended. The first record is durable before anything changes: when it
/// can't be written, the call is refused with 503. When the second can't, the change stands and the log keeps "asked".
/// </summary>
internal sealed partial class AuditRecorder(IAuditLog log, ILogger<AuditRecorder> logger)
{
    public async Task RunAsync(
        HttpContext context,
        AuditedAction action,
        Caller caller,
        RequestException? refusal,
        RequestDelegate next
    )
    {
        var name = action.Value is null
            ? null
            : context.Request.RouteValues[action.Value]?.ToString();
        var entry = new AuditEntry(
            caller.Id,
            action.Action!,
            name is null ? action.Kind : $"{action.Kind}/{name}",
            AuditOutcome.Asked,
            $"{context.Request.Method} {context.Request.Path}",
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            Guid.NewGuid().ToString("N")
        );
        if (refusal is not null)
        {
            await FinishAsync(entry, AuditOutcome.Refused, refusal.Message);
            throw refusal;
        }
        await log.RecordAsync(entry, context.RequestAborted);
        var trail = new AuditTrail();
        context.Features.Set(trail);
        try
        {
            await next(context);
        }
        catch (Exception error)
        {
            await FinishAsync(entry, ErrorAnswer.Of(error));
            throw;
        }
        entry = entry with { Subject = trail.Subject ?? entry.Subject };
        if (trail.Failure is { } failure)
        {
            await FinishAsync(entry, failure);
            return;
        }
        var status = context.Response.StatusCode;
        await FinishAsync(
            entry,
            status < 400 ? AuditOutcome.Done
                : status < 500 ? AuditOutcome.Refused
                : AuditOutcome.Failed,
            trail.Detail.Length > 0 ? trail.Detail : $"{status}"
        );
    }

    private Task FinishAsync(AuditEntry entry, ErrorAnswer answer) =>
        FinishAsync(
            entry,
            answer.Status < 500 ? AuditOutcome.Refused : AuditOutcome.Failed,
            $"{answer.Status} {answer.Body.Code}: {answer.Body.Error}"
        );

    private async Task FinishAsync(AuditEntry entry, AuditOutcome outcome, string detail)
    {
        try
        {
            // Not the caller's token: a caller who goes away must not leave the record without its end.
            await log.RecordAsync(
                entry with
                {
                    Outcome = outcome,
                    Detail = detail,
                },
                CancellationToken.None
            );
        }
        catch (Exception error)
        {
            LogUnfinished(entry.Request, entry.Action, entry.Subject, outcome, error);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The audit log could not take how request {Request} ended: {Action} on {Subject} was {Outcome}."
    )]
    private partial void LogUnfinished(
        string request,
        string action,
        string subject,
        AuditOutcome outcome,
        Exception error
    );
}
