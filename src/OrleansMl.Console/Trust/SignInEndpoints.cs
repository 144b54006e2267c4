using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Console.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Trust;

/// <summary>Sign in with a key, sign out.</summary>
internal static class SignInEndpoints
{
    private const int MaxKey = 500;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in", ShowAsync).IsOpen();
        pages.MapPost("/sign-in", SignInAsync).IsOpen();
        pages.MapPost("/sign-out", SignOutAsync).IsOpen();
    }

    /// <summary>Where to go after signing in: a page of the console, whatever a link says.</summary>
    public static string Target(string? asked) =>
        asked is not null
        && asked.StartsWith(ConsoleEndpoints.Root, StringComparison.Ordinal)
        && (
            asked.Length == ConsoleEndpoints.Root.Length
            || asked[ConsoleEndpoints.Root.Length] is '/' or '?'
        )
        && !asked.Contains("//", StringComparison.Ordinal)
        && !asked.Contains('\\', StringComparison.Ordinal)
        && !asked.Any(char.IsControl)
            ? asked
            : ConsoleEndpoints.Root;

    private static Task ShowAsync(HttpContext context, ConsoleSessions sessions)
    {
        var target = Target(context.Request.Query["return"]);
        if (!sessions.IsRequired)
        {
            context.Response.Redirect(target);
            return Task.CompletedTask;
        }
        return WriteAsync(
            context,
            target,
            context.Request.Query["ended"].Count > 0
                ? "Your session has ended. Sign in again to go on."
                : null
        );
    }

    private static async Task SignInAsync(
        HttpContext context,
        Authenticator authenticator,
        ConsoleSessions sessions,
        IAuditLog audit
    )
    {
        var form = await ConsoleForm.ReadAsync(context);
        var target = Target(form["return"]);
        var key = form["key"].ToString().Trim();
        var digest = new byte[SHA256.HashSizeInBytes];
        ApiKeyText.Hash(key.Length <= MaxKey ? key : "", digest);
        Caller caller;
        try
        {
            if (key.Length is 0 or > MaxKey)
                throw RequestException.Unauthorized(
                    key.Length == 0 ? "Type your key." : "This is longer than any key."
                );
            caller = authenticator.Find(digest);
            if ((caller.Permissions & Permission.Read) == Permission.None)
                throw RequestException.Forbidden(
                    $"The key of '{caller.Id}' may not read, which the console takes: ask for one with another role."
                );
        }
        catch (RequestException refusal)
        {
            context.Response.StatusCode = refusal.Status;
            await WriteAsync(context, target, refusal.Message);
            return;
        }
        await audit.RecordAsync(
            new AuditEntry(
                caller.Id,
                "console.sign-in",
                "console",
                Origin: context.Connection.RemoteIpAddress?.ToString() ?? ""
            ),
            context.RequestAborted
        );
        sessions.Begin(context, digest);
        SeeOther(context, target);
    }

    private static async Task SignOutAsync(HttpContext context)
    {
        await ConsoleForm.ReadAsync(context);
        ConsoleSessions.End(context);
        SeeOther(context, $"{ConsoleEndpoints.Root}/sign-in");
    }

    /// <summary>After a form: the browser gets the page anew, so that a reload repeats nothing.</summary>
    public static void SeeOther(HttpContext context, string target)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = target;
    }

    private static Task WriteAsync(HttpContext context, string target, string? message) =>
        Page.WriteAsync<SignIn>(
            context,
            new() { [nameof(SignIn.Return)] = target, [nameof(SignIn.Message)] = message }
        );
}
