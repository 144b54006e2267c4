using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Events;

/// <summary>Consumer groups and subscriptions: define, pause, move, and what they could not consume.</summary>
internal static class GroupEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var topic = routes
            .MapGroup("/api/v1/topics/{topic}")
            .WithTags("Events")
            .Needs(Permission.Read, ModelScope.All);
        topic
            .MapGet(
                "/groups",
                async (string topic, IConsumerGroups groups, HttpContext context) =>
                    JsonAnswer.Of(
                        new ConsumerGroupList
                        {
                            Groups = await groups.ListAsync(topic, context.RequestAborted),
                        }
                    )
            )
            .WithSummary("A topic's groups, subscriptions and bridges included")
            .Produces<ConsumerGroupList>();
        topic
            .MapPut("/groups/{group}", PutGroupAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("group.put", "group", "group")
            .WithSummary("Make a group of outside consumers, or change how it is served")
            .Accepts<ConsumerGroupSpec>("application/json")
            .Produces<ConsumerGroupSnapshot>();
        topic
            .MapPut("/subscriptions/{group}", PutSubscriptionAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("subscription.put", "subscription", "group")
            .WithSummary("Let a model answer each event of the topic")
            .Accepts<SubscriptionSpec>("application/json", "application/yaml")
            .Produces<ConsumerGroupSnapshot>();
        // One life for both: only their definitions differ.
        foreach (var what in new[] { "groups", "subscriptions" })
            MapLife(topic.MapGroup($"/{what}/{{group}}"));
        ConsumerEndpoints.Map(topic.MapGroup("/groups/{group}"));
    }

    private static void MapLife(RouteGroupBuilder group)
    {
        group
            .MapGet(
                "",
                async (string topic, string group, IConsumerGroups groups, HttpContext context) =>
                    JsonAnswer.Of(await groups.GetAsync(new(topic, group), context.RequestAborted))
            )
            .WithSummary("Where it stands: lag, position, owners, dead letters")
            .Produces<ConsumerGroupSnapshot>();
        group
            .MapDelete(
                "",
                async (string topic, string group, IConsumerGroups groups, HttpContext context) =>
                {
                    await groups.DeleteAsync(new(topic, group), context.RequestAborted);
                    return Results.NoContent();
                }
            )
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("group.delete", "group", "group")
            .WithSummary("Delete it with its dead letters")
            .Produces(StatusCodes.Status204NoContent);
        group
            .MapPost("/pause", PauseAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("group.pause", "group", "group")
            .WithSummary("Deliver nothing until it is resumed")
            .Accepts<PauseRequest>("application/json")
            .Produces<ConsumerGroupSnapshot>();
        group
            .MapPost(
                "/resume",
                async (string topic, string group, IConsumerGroups groups, HttpContext context) =>
                    JsonAnswer.Of(
                        await groups.SetPausedAsync(
                            new(topic, group),
                            paused: false,
                            "",
                            context.RequestAborted
                        )
                    )
            )
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("group.resume", "group", "group")
            .WithSummary("Go on where it was")
            .Produces<ConsumerGroupSnapshot>();
        group
            .MapPost("/seek", SeekAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("group.seek", "group", "group")
            .WithSummary("Consume anew from a position or a time")
            .Accepts<SeekRequest>("application/json")
            .Produces<ConsumerGroupSnapshot>();
        group
            .MapGet("/dead", ListDeadAsync)
            .WithSummary("Its dead letters, oldest first")
            .Produces<DeadLetterPage>();
        group
            .MapPost("/dead/retry", RetryDeadAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("group.dead.retry", "group", "group")
            .WithSummary("Try dead letters again")
            .Accepts<DeadLetterSelection>("application/json")
            .Produces<DeadLetterCount>();
        group
            .MapPost("/dead/discard", DiscardDeadAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("group.dead.discard", "group", "group")
            .WithSummary("Remove dead letters")
            .Accepts<DeadLetterSelection>("application/json")
            .Produces<DeadLetterCount>();
    }

    private static async Task<IResult> PutGroupAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    ) =>
        JsonAnswer.Of(
            await groups.PutAsync(
                new(topic, group),
                new GroupDefinition(
                    GroupKind.Consumer,
                    await EventDocuments.ReadAsync<ConsumerGroupSpec>(
                        context,
                        options.Value.MaxBodyBytes
                    )
                ),
                context.RequestAborted
            )
        );

    private static async Task<IResult> PutSubscriptionAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var spec = await EventDocuments.ReadAsync<SubscriptionSpec>(
            context,
            options.Value.MaxBodyBytes
        );
        return JsonAnswer.Of(
            await groups.PutAsync(
                new(topic, group),
                new GroupDefinition(GroupKind.Subscription, EventChecks.GroupOf(spec), spec),
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> PauseAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<PauseRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        return JsonAnswer.Of(
            await groups.SetPausedAsync(
                new(topic, group),
                paused: true,
                request.Reason ?? "",
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> SeekAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<SeekRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        return JsonAnswer.Of(
            await groups.SeekAsync(
                new(topic, group),
                request.Position ?? "",
                request.Recompute,
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> ListDeadAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        HttpContext context
    )
    {
        var (offset, limit) = QueryReading.Page(context.Request);
        var dead = await groups.ListDeadAsync(
            new(topic, group),
            offset,
            limit,
            context.RequestAborted
        );
        return JsonAnswer.Of(new DeadLetterPage { Letters = [.. dead.Select(EventShapes.Letter)] });
    }

    private static async Task<IResult> RetryDeadAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    ) =>
        JsonAnswer.Of(
            new DeadLetterCount
            {
                Letters = await groups.RetryDeadAsync(
                    new(topic, group),
                    await SelectedAsync(options, context),
                    context.RequestAborted
                ),
            }
        );

    private static async Task<IResult> DiscardDeadAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    ) =>
        JsonAnswer.Of(
            new DeadLetterCount
            {
                Letters = await groups.DiscardDeadAsync(
                    new(topic, group),
                    await SelectedAsync(options, context),
                    context.RequestAborted
                ),
            }
        );

    private static async Task<IReadOnlyList<EventPlace>> SelectedAsync(
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var selection = await RequestBodies.ReadJsonAsync<DeadLetterSelection>(
            context,
            options.Value.MaxBodyBytes
        );
        if (selection.Ids is not { Count: <= EventChecks.MaxBatch })
            throw RequestException.Invalid(
                $"ids: expected at most {EventChecks.MaxBatch}, got {selection.Ids?.Count}."
            );
        return [.. selection.Ids.Select(EventPlace.Parse)];
    }
}
