using Orleans.Metadata;
using Orleans.Placement;

namespace OrleansMl.Grains.Operations;

/// <summary>The role that silos must have; it travels in the grain type's properties.</summary>
internal sealed class RequireRoleFilterStrategy(string role) : PlacementFilterStrategy(0)
{
    private const string RoleProperty = "role";

    /// <summary>For the runtime, which reads the role from the properties.</summary>
    public RequireRoleFilterStrategy()
        : this("") { }

    public string Role { get; private set; } = role;

    public override void AdditionalInitialize(GrainProperties properties) =>
        Role =
            GetPlacementFilterGrainProperty(RoleProperty, properties)
            ?? throw new InvalidOperationException("A grain that requires a role names none.");

    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services,
        Type grainClass,
        GrainType grainType,
        IReadOnlyDictionary<string, string> existingProperties
    ) => [new(RoleProperty, Role)];
}
