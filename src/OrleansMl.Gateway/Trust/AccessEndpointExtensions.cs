using Microsoft.AspNetCore.Builder;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Gateway.Trust;

/// <summary>How endpoints declare who may call them and what the audit log keeps. A test lists all routes and fails on one that declares nothing.</summary>
public static class AccessEndpointExtensions
{
    /// <summary>Callers need one of the permissions, and their key must permit the model that the scope finds.</summary>
    public static TBuilder Needs<TBuilder>(
        this TBuilder builder,
        Permission any,
        ModelScope scope = ModelScope.None
    )
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessRequirement(any, scope));

    /// <summary>Everybody may call it, without a key: probes, the description, or an endpoint with an authentication of its own.</summary>
    public static TBuilder IsOpen<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Needs(Permission.None);

    /// <summary>
    /// Each call is recorded as asked before the endpoint runs, and as done, refused or failed after it. The endpoint may
    /// add what changed by <c>AuditTrail.Note(context, "…")</c>.
    /// </summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="action">The action's name, for example <c>model.alias.move</c>.</param>
    /// <param name="kind">What it changes, for example <c>model</c>.</param>
    /// <param name="value">The route's value that names it; null: none.</param>
    public static TBuilder Audited<TBuilder>(
        this TBuilder builder,
        string action,
        string kind,
        string? value = null
    )
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AuditedAction(action, kind, value));

    /// <summary>Calls are deliberately not recorded though they need more than to read or predict.</summary>
    public static TBuilder NotAudited<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AuditedAction(null, "", null));
}
