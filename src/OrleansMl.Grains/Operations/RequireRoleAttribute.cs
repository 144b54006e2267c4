using Orleans.Placement;

namespace OrleansMl.Grains.Operations;

/// <summary>Places a grain on silos that have a role (<see cref="Core.Operations.SiloRoles"/>).</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequireRoleAttribute(string role)
    : PlacementFilterAttribute(new RequireRoleFilterStrategy(role))
{
    public string Role { get; } = role;
}
