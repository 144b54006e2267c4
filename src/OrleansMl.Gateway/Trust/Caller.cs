using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>Who asks, and what they may. Immutable; one object a key, so that a request costs none.</summary>
internal sealed class Caller(
    string name,
    Permission permissions,
    ModelPatterns models,
    string? keyId = null
)
{
    /// <summary>A caller over loopback without a key.</summary>
    public static Caller Local { get; } = new("local", RolePermissions.All, ModelPatterns.Any);

    /// <summary>The name, for histories and the audit log.</summary>
    public string Id { get; } = name;

    /// <summary>The id of the ring's key that was shown; null: none of the ring.</summary>
    public string? KeyId { get; } = keyId;

    public Permission Permissions { get; } = permissions;

    public ModelPatterns Models { get; } = models;

    /// <summary>What it may use; null: as much as there is.</summary>
    public LimitedSubject? Limits { get; init; }

    /// <summary>Who asks for this; local where nothing authenticated the request, as on open routes.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Local;

    /// <summary>The name of who asks for this.</summary>
    public static string Name(HttpContext context) => Of(context).Id;

    /// <summary>For endpoints that find the model in their body (<see cref="ModelScope.Checked"/>).</summary>
    /// <exception cref="RequestException">The caller's key does not permit the model: 403.</exception>
    public static void RequireModel(HttpContext context, string model)
    {
        var caller = Of(context);
        if (!caller.Models.Permit(model))
            throw caller.RefuseModel(model);
    }

    /// <summary>403 for a model.</summary>
    public RequestException RefuseModel(string model) =>
        RequestException.TooLittle(
            $"'{Id}' may not use model '{model}', only {Models}: ask an administrator for a key with that model."
        );
}
