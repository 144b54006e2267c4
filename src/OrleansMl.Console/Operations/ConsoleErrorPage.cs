using Microsoft.AspNetCore.Http;
using OrleansMl.Console.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Console.Operations;

/// <summary>Errors of the console's routes: to the sign-in where that helps, else a page that says what is wrong.</summary>
internal sealed class ConsoleErrorPage : IErrorPage
{
    public Task WriteAsync(HttpContext context, ErrorAnswer answer)
    {
        if (answer.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString();
        var isSession = ConsoleSessions.Of(context) is not null;
        if (answer.Status == StatusCodes.Status401Unauthorized && isSession)
            ConsoleSessions.End(context);
        // Without keys the sign-in would lead back here.
        if (
            answer.Status == StatusCodes.Status401Unauthorized
            && HttpMethods.IsGet(context.Request.Method)
            && SignInHelps(context)
        )
        {
            var target = Uri.EscapeDataString(context.Request.Path + context.Request.QueryString);
            SignInEndpoints.SeeOther(
                context,
                $"{ConsoleEndpoints.Root}/sign-in?return={target}{(isSession ? "&ended=1" : "")}"
            );
            return Task.CompletedTask;
        }
        return Page.WriteAsync<ErrorView>(
            context,
            new()
            {
                [nameof(ErrorView.Status)] = answer.Status,
                [nameof(ErrorView.Message)] = answer.Body.Error,
                [nameof(ErrorView.TraceId)] = answer.Body.TraceId,
            }
        );
    }

    private static bool SignInHelps(HttpContext context) =>
        context.RequestServices.GetService(typeof(ConsoleSessions))
            is ConsoleSessions { IsRequired: true };
}
