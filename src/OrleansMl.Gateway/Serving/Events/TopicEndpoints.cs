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

/// <summary>Topics: make, publish, read.</summary>
internal static class TopicEndpoints
{
    private const int MaxWaitSeconds = 60;
    private const int DefaultPage = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var topics = routes
            .MapGroup("/api/v1/topics")
            .WithTags("Events")
            .Needs(Permission.Read, ModelScope.All);
        topics
            .MapGet(
                "",
                async (IEventLog log, HttpContext context) =>
                    JsonAnswer.Of(
                        new TopicList { Topics = await log.ListTopicsAsync(context.RequestAborted) }
                    )
            )
            .WithSummary("All topics")
            .Produces<TopicList>();
        topics
            .MapGet(
                "/{topic}",
                async (string topic, IEventLog log, HttpContext context) =>
                    JsonAnswer.Of(await log.GetTopicAsync(topic, context.RequestAborted))
            )
            .WithSummary("A topic")
            .Produces<TopicSnapshot>();
        topics
            .MapPut("/{topic}", PutAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("topic.put", "topic", "topic")
            .WithSummary("Make a topic, or change how it keeps events")
            .Accepts<TopicSpec>("application/json")
            .Produces<TopicSnapshot>();
        topics
            .MapDelete(
                "/{topic}",
                async (string topic, IEventLog log, HttpContext context) =>
                {
                    await log.DeleteTopicAsync(topic, context.RequestAborted);
                    return Results.NoContent();
                }
            )
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("topic.delete", "topic", "topic")
            .WithSummary("Delete a topic and its events")
            .Produces(StatusCodes.Status204NoContent);
        topics
            .MapPost("/{topic}/events", PublishAsync)
            .Needs(Permission.Predict, ModelScope.All)
            .WithSummary("Publish events, all or none; durable when this answers")
            .Accepts<PublishRequest>("application/json")
            .Produces<PublishAnswer>();
        topics
            .MapGet("/{topic}/events", ReadAsync)
            .WithSummary("Events from a position on, waiting for the first if asked")
            .Produces<EventPage>();
        topics
            .MapGet(
                "/{topic}/events/stream",
                (string topic, EventReading reading, HttpContext context) =>
                    reading.StreamAsync(
                        context,
                        topic,
                        context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last
                            ? last
                            : QueryReading.Text(context.Request, "from") ?? "latest"
                    )
            )
            .WithSummary("Follow a topic as Server-Sent Events")
            .Produces<EventRecord>(StatusCodes.Status200OK, "text/event-stream");
    }

    private static async Task<IResult> PutAsync(
        string topic,
        IEventLog log,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var spec = await EventDocuments.ReadAsync<TopicSpec>(context, options.Value.MaxBodyBytes);
        return JsonAnswer.Of(await log.PutTopicAsync(topic, spec, context.RequestAborted));
    }

    private static async Task<IResult> PublishAsync(
        string topic,
        IEventLog log,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<PublishRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        if (request.Events is not { Count: > 0 and <= EventChecks.MaxBatch })
            throw RequestException.Invalid(
                $"events: expected 1 to {EventChecks.MaxBatch} at once, got {request.Events?.Count ?? 0}."
            );
        var receipts = await log.PublishAsync(
            topic,
            [.. request.Events.Select(EventShapes.Message)],
            context.RequestAborted
        );
        return JsonAnswer.Of(new PublishAnswer { Receipts = receipts });
    }

    private static async Task<IResult> ReadAsync(
        string topic,
        EventReading reading,
        HttpContext context
    ) =>
        JsonAnswer.Of(
            await reading.ReadAsync(
                topic,
                QueryReading.Text(context.Request, "from") ?? "earliest",
                QueryReading.Integer(
                    context.Request,
                    "limit",
                    DefaultPage,
                    1,
                    EventChecks.MaxBatch
                ),
                TimeSpan.FromSeconds(
                    QueryReading.Integer(context.Request, "waitSeconds", 0, 0, MaxWaitSeconds)
                ),
                context.RequestAborted
            )
        );
}
