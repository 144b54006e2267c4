namespace OrleansMl.Contracts.Trust;

/// <summary>
/// What an Orleans client's token must permit to call a grain method. On an interface it holds for its methods that don't have
/// their own. A method without any is closed to clients, as is everything of Orleans itself; grains and silos call all.
/// </summary>
/// <param name="any">One of these permissions; <see cref="Permission.None"/> is closed to every client.</param>
/// <param name="scope">How a token that is limited to some models is judged.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class ClientAccessAttribute(Permission any, ClientScope scope = ClientScope.All)
    : Attribute
{
    /// <summary>One of these permissions is needed.</summary>
    public Permission Any { get; } = any;

    /// <summary>How a limited token is judged.</summary>
    public ClientScope Scope { get; } = scope;

    /// <summary>The audit log's action, for example <c>model.alias.move</c>; null: calls are not recorded.</summary>
    public string? Action { get; init; }

    /// <summary>What the grain's key names in the audit log, for example <c>model</c>.</summary>
    public string Kind { get; init; } = "model";
}
