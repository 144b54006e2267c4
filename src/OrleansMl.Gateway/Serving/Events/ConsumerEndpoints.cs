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

/// <summary>Outside consumers: fetch, acknowledge, refuse.</summary>
internal static class ConsumerEndpoints
{
    private const int MaxWaitSeconds = 60;
    private const int MaxErrorLength = 2_000;

    public static void Map(RouteGroupBuilder group)
    {
        group.Needs(Permission.Predict, ModelScope.All);
        group
            .MapPost("/fetch", FetchAsync)
            .WithSummary("Fetch events of the partitions that are this consumer's")
            .Accepts<FetchRequest>("application/json")
            .Produces<FetchAnswer>();
        group
            .MapPost("/ack", AckAsync)
            .WithSummary("Acknowledge what was done; an earlier consumer's is refused")
            .Accepts<AckRequest>("application/json")
            .Produces<ConsumerGroupSnapshot>();
        group
            .MapPost("/nack", NackAsync)
            .WithSummary(
                "Say that an event failed; after as many tries as the group allows it is a dead letter"
            )
            .Accepts<NackRequest>("application/json")
            .Produces<NackAnswer>();
    }

    private static async Task<IResult> FetchAsync(
        string topic,
        string group,
        EventReading reading,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<FetchRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        EventChecks.Text(request.Consumer, 1, "consumer");
        if (request.Max is < 1 or > EventChecks.MaxBatch)
            throw RequestException.Invalid(
                $"max: expected 1 to {EventChecks.MaxBatch}, got {request.Max}."
            );
        if (!(request.WaitSeconds >= 0 && request.WaitSeconds <= MaxWaitSeconds))
            throw RequestException.Invalid(
                $"waitSeconds: expected 0 to {MaxWaitSeconds}, got {request.WaitSeconds}."
            );
        return JsonAnswer.Of(
            await reading.FetchAsync(new(topic, group), request, context.RequestAborted)
        );
    }

    private static async Task<IResult> AckAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<AckRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        var (lease, batch) = await LeaseAsync(
            new(topic, group),
            request.Partition,
            request.Fence,
            0,
            groups,
            context
        );
        await groups.CommitAsync(
            lease,
            new EventCommit(
                request.Next is null ? batch.Position : null,
                request.Next ?? batch.Position
            )
            {
                Retried = request.Retried ?? [],
            },
            context.RequestAborted
        );
        return JsonAnswer.Of(await groups.GetAsync(lease.Group, context.RequestAborted));
    }

    private static async Task<IResult> NackAsync(
        string topic,
        string group,
        IConsumerGroups groups,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<NackRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        if (request.Error is not { Length: > 0 and <= MaxErrorLength })
            throw RequestException.Invalid(
                $"error: expected 1 to {MaxErrorLength} characters, got {request.Error?.Length ?? 0}."
            );
        var (lease, batch) = await LeaseAsync(
            new(topic, group),
            request.Partition,
            request.Fence,
            EventChecks.MaxBatch,
            groups,
            context
        );
        var failed =
            batch.Events.Concat(batch.Retried).FirstOrDefault(e => e.Position == request.Position)
            ?? throw RequestException.Invalid(
                $"position: partition {request.Partition} has no event at {request.Position} for this group."
            );
        var spec = (await groups.GetAsync(lease.Group, context.RequestAborted)).Spec;
        if (failed.Position < batch.Position)
        {
            await groups.CommitAsync(
                lease,
                new EventCommit(batch.Position, batch.Position)
                {
                    Dead = [new FailedEvent(failed, spec.MaxTries + 1, request.Error)],
                },
                context.RequestAborted
            );
            return JsonAnswer.Of(new NackAnswer { Tries = spec.MaxTries + 1, Dead = true });
        }
        if (failed.Position > batch.Position)
            await groups.CommitAsync(
                lease,
                new EventCommit(batch.Position, failed.Position),
                context.RequestAborted
            );
        var tries = await groups.FailAsync(
            lease,
            failed.Position,
            request.Error,
            isCounted: true,
            context.RequestAborted
        );
        var isDead = tries >= spec.MaxTries;
        if (isDead)
            await groups.CommitAsync(
                lease,
                new EventCommit(failed.Position, failed.Position + 1)
                {
                    Dead = [new FailedEvent(failed, tries, request.Error)],
                },
                context.RequestAborted
            );
        return JsonAnswer.Of(new NackAnswer { Tries = tries, Dead = isDead });
    }

    private static async Task<(PartitionLease Lease, PartitionBatch Batch)> LeaseAsync(
        GroupId id,
        int partition,
        long fence,
        int max,
        IConsumerGroups groups,
        HttpContext context
    )
    {
        EventReading.RequireConsumer(await groups.GetAsync(id, context.RequestAborted));
        var lease = new PartitionLease(id, partition, "", fence);
        return (lease, await groups.FetchAsync(lease, max, context.RequestAborted));
    }
}
