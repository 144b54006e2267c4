using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>The one place where a request is authenticated, compared with what its endpoint declares, and recorded where the endpoint says so.</summary>
internal sealed class AccessMiddleware(
    RequestDelegate next,
    Authenticator authenticator,
    AuditRecorder recorder
)
{
    private const string ModelValue = "model";

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var need = endpoint?.Metadata.GetMetadata<AccessRequirement>();
        if (IsOpen(context, endpoint, need))
            return next(context);
        var caller = authenticator.Authenticate(context, out var token);
        return caller is null
            ? ValidateAsync(context, endpoint, need, token!)
            : GoOnAsync(context, endpoint, need, caller);
    }

    private async Task ValidateAsync(
        HttpContext context,
        Endpoint? endpoint,
        AccessRequirement? need,
        string token
    ) =>
        await GoOnAsync(
            context,
            endpoint,
            need,
            await authenticator.ValidateAsync(token, context.RequestAborted)
        );

    private Task GoOnAsync(
        HttpContext context,
        Endpoint? endpoint,
        AccessRequirement? need,
        Caller caller
    )
    {
        context.Features.Set(caller);
        if (endpoint is null)
            return next(context);
        var audited = endpoint.Metadata.GetMetadata<AuditedAction>();
        var refusal = Refusal(caller, need ?? AccessRequirement.Undeclared, context);
        if (audited?.Action is null)
            return refusal is null ? next(context) : throw refusal;
        return recorder.RunAsync(context, audited, caller, refusal, next);
    }

    // Health is asked by probes without credentials; endpoints with an authentication of their own say so by metadata.
    private static bool IsOpen(HttpContext context, Endpoint? endpoint, AccessRequirement? need) =>
        need is not null
            ? need.Any == Permission.None
            : context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
                || endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static RequestException? Refusal(
        Caller caller,
        AccessRequirement need,
        HttpContext context
    )
    {
        if ((caller.Permissions & need.Any) == Permission.None)
            return RequestException.TooLittle(
                $"'{caller.Id}' may not do this: it takes a key with one of the roles {RolePermissions.RolesWith(need.Any)}."
            );
        if (caller.Models.All)
            return null;
        return need.Scope switch
        {
            ModelScope.Route => context.Request.RouteValues[ModelValue] is string model
            && caller.Models.Permit(model)
                ? null
                : caller.RefuseModel(
                    context.Request.RouteValues[ModelValue]?.ToString() ?? "of this route"
                ),
            ModelScope.All => RequestException.TooLittle(
                $"'{caller.Id}' is limited to the models {caller.Models}, and this tells of all: it takes a key for all models."
            ),
            _ => null,
        };
    }
}
