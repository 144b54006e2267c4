namespace OrleansMl.Gateway.Trust;

/// <summary>Marks an endpoint whose calls the audit log keeps, as its metadata.</summary>
/// <param name="Action">The action's name, dotted; null: deliberately not kept.</param>
/// <param name="Kind">What the subject is, for example <c>model</c>.</param>
/// <param name="Value">The route's value that names it; null: there is none.</param>
public sealed record AuditedAction(string? Action, string Kind, string? Value);
