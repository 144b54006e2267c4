using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Console.Operations;
using OrleansMl.Console.Trust;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Training;

/// <summary>The pages of runs.</summary>
internal static class RunPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/runs", context => Page.WriteAsync<RunList>(context));
        pages
            .MapGet("/runs/{id}", (string id, HttpContext context) => Show<RunView>(id, context))
            .Needs(Permission.Read, ModelScope.Checked);
        pages
            .MapGet(
                "/runs/{id}/cancel",
                (string id, HttpContext context) => Show<CancelRun>(id, context)
            )
            .Needs(Permission.Train, ModelScope.Checked);
        pages
            .MapPost("/runs/{id}/cancel", CancelAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("run.cancel", "run", "id");
    }

    private static Task Show<TPage>(string id, HttpContext context)
        where TPage : Microsoft.AspNetCore.Components.IComponent =>
        Page.WriteAsync<TPage>(context, new() { ["Id"] = id });

    private static async Task CancelAsync(string id, RunReader runs, HttpContext context)
    {
        await ConsoleForm.ReadAsync(context);
        var run = await runs.FindAsync(Caller.Of(context), id, context.RequestAborted);
        await runs.CancelAsync(run.Id, context.RequestAborted);
        AuditTrail.Note(context, "from the console");
        SignInEndpoints.SeeOther(context, $"{ConsoleEndpoints.Root}/runs/{run.Id}");
    }
}
