using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Schedules;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Schedules;

/// <summary>Set, check, list, show, pause, run and delete schedules of batch jobs.</summary>
internal static class ScheduleEndpoints
{
    private const int MaxPreview = 100;
    private const int DefaultPreview = 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var schedules = routes
            .MapGroup("/api/v1/schedules")
            .WithTags("Schedules")
            .Needs(Permission.Read, ModelScope.Checked);
        schedules
            .MapGet("/", ListAsync)
            .Needs(Permission.Read, ModelScope.All)
            .WithSummary("List schedules, newest first")
            .Produces<CatalogPage>();
        schedules
            .MapPut("/{schedule}", SetAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("schedule.set", "schedule", "schedule")
            .WithSummary("Make or replace a schedule, once its batch can be run as things are now")
            .Accepts<string>("application/json", DocumentText.Types)
            .Produces<BatchScheduleSnapshot>();
        schedules
            .MapPost("/validate", ValidateAsync)
            .WithSummary("Check a schedule, and say when it would fire; ?count= of 1 to 100")
            .Accepts<string>("application/json", DocumentText.Types)
            .Produces<SchedulePreview>();
        schedules
            .MapGet("/{schedule}", GetAsync)
            .WithSummary("Show a schedule: its next firings, and what became of the last ones")
            .Produces<BatchScheduleSnapshot>();
        schedules
            .MapGet("/{schedule}/next", NextAsync)
            .WithSummary("When a schedule's next firings are due; ?count= of 1 to 100")
            .Produces<SchedulePreview>();
        schedules
            .MapPost(
                "/{schedule}/pause",
                (string schedule, IGrainFactory grains, HttpContext context) =>
                    PauseAsync(schedule, true, grains, context)
            )
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("schedule.pause", "schedule", "schedule")
            .WithSummary("Pause a schedule")
            .Produces<BatchScheduleSnapshot>();
        schedules
            .MapPost(
                "/{schedule}/resume",
                (string schedule, IGrainFactory grains, HttpContext context) =>
                    PauseAsync(schedule, false, grains, context)
            )
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("schedule.resume", "schedule", "schedule")
            .WithSummary("Let a paused schedule go on; what was due meanwhile is not made up for")
            .Produces<BatchScheduleSnapshot>();
        schedules
            .MapPost("/{schedule}/run", RunAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("schedule.run", "schedule", "schedule")
            .WithSummary("Fire now; the same ?commandId= is the same firing")
            .Produces<ScheduleFiring>(StatusCodes.Status202Accepted);
        schedules
            .MapDelete("/{schedule}", DeleteAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("schedule.delete", "schedule", "schedule")
            .WithSummary("Delete a schedule; its jobs go on")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ListAsync(ICatalog catalog, HttpContext context)
    {
        var (offset, limit) = QueryReading.Page(context.Request);
        return JsonAnswer.Of(
            await CatalogPages.ReadAsync(
                catalog,
                new CatalogQuery(CatalogKinds.BatchSchedule, [], KeyPrefix: null, offset, limit),
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> SetAsync(
        string schedule,
        BatchPlanner planner,
        IGrainFactory grains,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var expected = QueryReading.OptionalInteger(context.Request, "expected", 0, int.MaxValue);
        var spec = await ReadAsync(context, options.Value);
        var grain = Grain(schedule, grains);
        // Who may not use the model that a schedule has now may not take the schedule from it either.
        if (await grain.GetAsync(context.RequestAborted) is { } known)
            Caller.RequireModel(context, known.Spec.Batch.Model);
        await RequireRunnableAsync(spec.Batch, planner, grains, context);
        return JsonAnswer.Of(
            await grain.SetAsync(
                spec with
                {
                    SetBy = Caller.Name(context),
                },
                expected,
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> ValidateAsync(
        BatchPlanner planner,
        IGrainFactory grains,
        IOptions<GatewayOptions> options,
        TimeProvider time,
        HttpContext context
    )
    {
        var spec = await ReadAsync(context, options.Value);
        var now = time.GetUtcNow();
        // The silos' own smallest gap is checked when it is set.
        var problems = ScheduleChecks.Problems("schedule", spec, TimeSpan.FromMinutes(1), now);
        if (problems.Count > 0)
            throw RequestException.Invalid(string.Join(' ', problems));
        var preview = Preview("schedule", spec, now, context);
        await RequireRunnableAsync(spec.Batch, planner, grains, context);
        return JsonAnswer.Of(preview);
    }

    private static async Task<IResult> GetAsync(
        string schedule,
        IGrainFactory grains,
        HttpContext context
    ) => JsonAnswer.Of((await FindAsync(schedule, grains, context)).Found);

    private static async Task<IResult> NextAsync(
        string schedule,
        IGrainFactory grains,
        TimeProvider time,
        HttpContext context
    )
    {
        var (_, found) = await FindAsync(schedule, grains, context);
        return JsonAnswer.Of(Preview(schedule, found.Spec, time.GetUtcNow(), context));
    }

    private static async Task<IResult> PauseAsync(
        string schedule,
        bool paused,
        IGrainFactory grains,
        HttpContext context
    )
    {
        var (grain, _) = await FindAsync(schedule, grains, context);
        return JsonAnswer.Of(await grain.PauseAsync(paused, context.RequestAborted));
    }

    private static async Task<IResult> RunAsync(
        string schedule,
        IGrainFactory grains,
        HttpContext context
    )
    {
        var command = CommandIds.Take(QueryReading.Text(context.Request, "commandId"));
        var (grain, _) = await FindAsync(schedule, grains, context);
        return JsonAnswer.Of(
            await grain.RunAsync(command, context.RequestAborted),
            StatusCodes.Status202Accepted
        );
    }

    private static async Task<IResult> DeleteAsync(
        string schedule,
        IGrainFactory grains,
        HttpContext context
    )
    {
        var grain = Grain(schedule, grains);
        if (await grain.GetAsync(context.RequestAborted) is { } known)
            Caller.RequireModel(context, known.Spec.Batch.Model);
        await grain.DeleteAsync(context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<BatchScheduleSpec> ReadAsync(
        HttpContext context,
        GatewayOptions options
    )
    {
        var text = await DocumentText.ReadAsync(context, options, "schedule");
        if (!ScheduleDocument.TryParse(text, out var spec, out var errors))
            throw DocumentText.Invalid("schedule", errors);
        Caller.RequireModel(context, spec.Batch.Model);
        return spec;
    }

    /// <summary>What can't be run now is told to who sets it, and not at night to nobody.</summary>
    private static async Task RequireRunnableAsync(
        BatchAsk ask,
        BatchPlanner planner,
        IGrainFactory grains,
        HttpContext context
    ) =>
        await planner.PlanAsync(
            ask,
            await grains
                .GetGrain<IDatasetGrain>(ask.Dataset)
                .GetVersionAsync(ask.DatasetVersion, context.RequestAborted),
            known: null,
            Caller.Name(context),
            context.RequestAborted
        );

    private static SchedulePreview Preview(
        string name,
        BatchScheduleSpec spec,
        DateTimeOffset now,
        HttpContext context
    )
    {
        var count = QueryReading.Integer(context.Request, "count", DefaultPreview, 1, MaxPreview);
        if (!ScheduleTimes.TryCreate(name, spec, out var times, out var problem))
            throw RequestException.Invalid(problem);
        return new SchedulePreview { Spec = spec, Next = [.. times.Next(now, count)] };
    }

    private static IBatchScheduleGrain Grain(string schedule, IGrainFactory grains) =>
        grains.GetGrain<IBatchScheduleGrain>(QueryReading.Name(schedule, "schedule"));

    private static async Task<(IBatchScheduleGrain Grain, BatchScheduleSnapshot Found)> FindAsync(
        string schedule,
        IGrainFactory grains,
        HttpContext context
    )
    {
        var grain = Grain(schedule, grains);
        var found =
            await grain.GetAsync(context.RequestAborted)
            ?? throw new NotFoundException($"There is no schedule '{schedule}'.");
        Caller.RequireModel(context, found.Spec.Batch.Model);
        return (grain, found);
    }
}
