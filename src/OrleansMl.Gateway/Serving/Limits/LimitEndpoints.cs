using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>Limits of API keys, and what keys and models have used.</summary>
internal static class LimitEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPut("/api/v1/keys/{id}/limits", SetAsync)
            .Needs(Permission.Administer)
            .Audited("key.limit", "key", "id")
            .WithTags("Trust")
            .WithSummary("Replace what a key may use, in the whole cluster")
            .Accepts<KeyLimitRequest>("application/json")
            .Produces<ApiKeyAnswer>();
        routes
            .MapGet("/api/v1/keys/{id}/usage", OfKeyAsync)
            .Needs(Permission.Administer)
            .WithTags("Trust")
            .WithSummary("What a key has used today and this month, its limits and what is left")
            .Produces<UsageAnswer>();
        routes
            .MapGet("/api/v1/usage", OfCallerAsync)
            .Needs(Permission.Read | Permission.Predict)
            .WithTags("Trust")
            .WithSummary("The same of the key that asks")
            .Produces<UsageAnswer>();
        routes
            .MapGet("/api/v1/models/{model}/usage", OfModelAsync)
            .Needs(Permission.Read, ModelScope.Route)
            .WithTags("Models")
            .WithSummary(
                "What all callers of a model have used, where its serving policy limits it"
            )
            .Produces<UsageAnswer>();
    }

    private static async Task<IResult> SetAsync(
        string id,
        IGrainFactory grains,
        IOptions<GatewayOptions> options,
        IOptions<KeyRingOptions> ring,
        HttpContext context
    )
    {
        QueryReading.Name(id, "key");
        var request = await RequestBodies.ReadJsonAsync<KeyLimitRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        LimitPolicyChecks.Require(request.Limits);
        var changed = await Ring(grains)
            .LimitAsync(
                new ApiKeyChange
                {
                    CommandId = CommandIds.Take(request.CommandId),
                    Id = id,
                    Limits = request.Limits,
                    By = Caller.Name(context),
                },
                context.RequestAborted
            );
        AuditTrail.Note(
            context,
            $"'{changed.Key.Name}', limits {System.Text.Json.JsonSerializer.Serialize(changed.Key.Limits, ContractsJson.Options)}"
        );
        return JsonAnswer.Of(
            new ApiKeyAnswer
            {
                Key = changed.Key,
                Confirmed = changed.Confirmed,
                Unconfirmed = changed.Unconfirmed,
                WithinSeconds = changed.Unconfirmed.Count == 0 ? 0 : ring.Value.StaleSeconds,
            }
        );
    }

    private static async Task<IResult> OfKeyAsync(
        string id,
        IGrainFactory grains,
        LimitRegistry registry,
        HttpContext context
    )
    {
        QueryReading.Name(id, "key");
        var ring = await Ring(grains).GetAsync(context.RequestAborted);
        var key =
            ring.Keys.FirstOrDefault(known => known.Key.Id == id)?.Key
            ?? throw new NotFoundException($"There is no key with the id '{id}'.");
        return await UsageAsync(
            grains,
            id,
            $"key/{id}",
            key.Limits ?? registry.Default,
            key.Limits is null && registry.Default is not null,
            context
        );
    }

    private static Task<IResult> OfCallerAsync(IGrainFactory grains, HttpContext context) =>
        Caller.Of(context).Limits is { } limits
            ? UsageAsync(
                grains,
                Caller.Of(context).KeyId ?? Caller.Name(context),
                limits.Name,
                limits.Policy,
                isDefault: Caller.Of(context).KeyId is null,
                context
            )
            : throw new NotFoundException(
                $"'{Caller.Name(context)}' has no limits, so that nothing is counted."
            );

    private static async Task<IResult> OfModelAsync(
        string model,
        IGrainFactory grains,
        HttpContext context
    )
    {
        QueryReading.Name(model, "model");
        var policy = await grains
            .GetGrain<IModelServingGrain>(model)
            .GetAsync(context.RequestAborted);
        return await UsageAsync(
            grains,
            model,
            $"model/{model}",
            policy.Policy.Limits,
            isDefault: false,
            context
        );
    }

    private static async Task<IResult> UsageAsync(
        IGrainFactory grains,
        string subject,
        string grain,
        LimitPolicy? limits,
        bool isDefault,
        HttpContext context
    )
    {
        var ledger = await grains
            .GetGrain<ILimitGrain>(grain)
            .GetUsageAsync(context.RequestAborted);
        return JsonAnswer.Of(
            new UsageAnswer
            {
                Subject = subject,
                Limits = limits,
                IsDefault = isDefault,
                Day = ledger.Day,
                Today = ledger.Today,
                Month = ledger.Month,
                ReservedRequests = ledger.Holdings.Sum(held => held.Requests),
                ReservedRows = ledger.Holdings.Sum(held => held.Rows),
                Remaining = UsageLedgers.Rest(ledger, limits ?? new LimitPolicy()),
            }
        );
    }

    private static IApiKeyRingGrain Ring(IGrainFactory grains) =>
        grains.GetGrain<IApiKeyRingGrain>(IApiKeyRingGrain.Key);
}
