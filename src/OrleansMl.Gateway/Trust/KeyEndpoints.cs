using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>API keys: create, list, rotate, revoke.</summary>
internal static class KeyEndpoints
{
    private const double DefaultGraceSeconds = 86_400;
    private const double MaxGraceSeconds = 30 * 86_400;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/v1/keys").WithTags("Trust").Needs(Permission.Administer);
        keys.MapGet("/", ListAsync)
            .WithSummary("List API keys, oldest first, without their secrets")
            .Produces<IReadOnlyList<ApiKeySnapshot>>();
        keys.MapPost("/", CreateAsync)
            .Audited("key.create", "key")
            .WithSummary("Create an API key; its secret is shown this once")
            .Accepts<ApiKeyRequest>("application/json")
            .Produces<ApiKeyAnswer>(StatusCodes.Status201Created);
        keys.MapPost("/{id}/rotate", RotateAsync)
            .Audited("key.rotate", "key", "id")
            .WithSummary("Replace an API key's secret; the old one is taken for a grace time")
            .Accepts<ApiKeyRotationRequest>("application/json")
            .Produces<ApiKeyAnswer>();
        keys.MapDelete("/{id}", RevokeAsync)
            .Audited("key.revoke", "key", "id")
            .WithSummary("Revoke an API key in the whole cluster")
            .Produces<ApiKeyAnswer>();
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains, HttpContext context)
    {
        var ring = await Grain(grains).GetAsync(context.RequestAborted);
        return JsonAnswer.Of(ring.Keys.Select(key => key.Key).ToList());
    }

    private static async Task<IResult> CreateAsync(
        IGrainFactory grains,
        IOptions<GatewayOptions> options,
        IOptions<KeyRingOptions> ring,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<ApiKeyRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        var id = ApiKeyText.NewId();
        var secret = ApiKeyText.NewKey(id);
        var made = await Grain(grains)
            .CreateAsync(
                new ApiKeyChange
                {
                    CommandId = CommandIds.Take(request.CommandId),
                    Id = id,
                    Digest = ApiKeyText.Digest(secret),
                    Name = request.Name,
                    Roles = request.Roles ?? [],
                    Models = request.Models ?? ["*"],
                    ExpiresAt = request.ExpiresAt,
                    Limits = request.Limits,
                    By = Caller.Name(context),
                },
                context.RequestAborted
            );
        AuditTrail.Note(
            context,
            $"'{made.Key.Name}', roles {string.Join(' ', made.Key.Roles).ToLowerInvariant()}, models {string.Join(' ', made.Key.Models)}, expires {made.Key.ExpiresAt?.ToString("O") ?? "never"}",
            $"key/{made.Key.Id}"
        );
        context.Response.Headers.CacheControl = "no-store";
        return JsonAnswer.Of(Answer(made, secret, ring.Value), StatusCodes.Status201Created);
    }

    private static async Task<IResult> RotateAsync(
        string id,
        IGrainFactory grains,
        IOptions<GatewayOptions> options,
        IOptions<KeyRingOptions> ring,
        HttpContext context
    )
    {
        QueryReading.Name(id, "key");
        var request = await RequestBodies.ReadJsonAsync<ApiKeyRotationRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        var grace = request.GraceSeconds ?? DefaultGraceSeconds;
        if (grace is not (>= 0 and <= MaxGraceSeconds))
            throw RequestException.Invalid(
                $"graceSeconds: expected 0 to {MaxGraceSeconds}, got {grace}."
            );
        var secret = ApiKeyText.NewKey(id);
        var rotated = await Grain(grains)
            .RotateAsync(
                new ApiKeyChange
                {
                    CommandId = CommandIds.Take(request.CommandId),
                    Id = id,
                    Digest = ApiKeyText.Digest(secret),
                    Grace = TimeSpan.FromSeconds(grace),
                    By = Caller.Name(context),
                },
                context.RequestAborted
            );
        AuditTrail.Note(context, $"'{rotated.Key.Name}', old until {rotated.Key.PreviousUntil:O}");
        context.Response.Headers.CacheControl = "no-store";
        return JsonAnswer.Of(Answer(rotated, secret, ring.Value));
    }

    private static async Task<IResult> RevokeAsync(
        string id,
        IGrainFactory grains,
        IOptions<KeyRingOptions> ring,
        HttpContext context
    )
    {
        QueryReading.Name(id, "key");
        var revoked = await Grain(grains)
            .RevokeAsync(
                new ApiKeyChange
                {
                    CommandId = CommandIds.Take(QueryReading.Text(context.Request, "commandId")),
                    Id = id,
                    By = Caller.Name(context),
                },
                context.RequestAborted
            );
        AuditTrail.Note(
            context,
            $"'{revoked.Key.Name}', confirmed by {string.Join(' ', revoked.Confirmed)}, not yet by {(revoked.Unconfirmed.Count == 0 ? "none" : string.Join(' ', revoked.Unconfirmed))}"
        );
        return JsonAnswer.Of(Answer(revoked, secret: null, ring.Value));
    }

    private static ApiKeyAnswer Answer(
        ApiKeyOutcome outcome,
        string? secret,
        KeyRingOptions ring
    ) =>
        new()
        {
            Key = outcome.Key,
            // The secret made here is not the key's when an earlier call had made the change.
            Secret = outcome.Repeated ? null : secret,
            Confirmed = outcome.Confirmed,
            Unconfirmed = outcome.Unconfirmed,
            WithinSeconds = outcome.Unconfirmed.Count == 0 ? 0 : ring.StaleSeconds,
        };

    private static IApiKeyRingGrain Grain(IGrainFactory grains) =>
        grains.GetGrain<IApiKeyRingGrain>(IApiKeyRingGrain.Key);
}
