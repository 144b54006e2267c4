using OrleansMl.Contracts.Trust;

namespace OrleansMl.Gateway.Trust;

/// <summary>What a caller needs for an endpoint, as its metadata. The last one counts, so that a route may differ from its group. An endpoint without any needs an administrator.</summary>
/// <param name="Any">One of these permissions; <see cref="Permission.None"/> is open to everybody.</param>
/// <param name="Scope">Where its model is named.</param>
public sealed record AccessRequirement(Permission Any, ModelScope Scope)
{
    /// <summary>What an endpoint needs that declares nothing.</summary>
    internal static AccessRequirement Undeclared { get; } =
        new(Permission.Administer, ModelScope.All);
}
