using System.Reflection;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using Orleans;
using Orleans.Metadata;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Type = System.Type;

namespace OrleansMl.Architecture.Tests;

/// <summary>What types of each room keep to.</summary>
public sealed class TypeTests
{
    private static readonly ArchUnitNET.Domain.Architecture Architecture = new ArchLoader()
        .LoadAssemblies([.. House.Allowed.Keys.Select(House.Load)])
        .Build();

    private static readonly Type[] GrainClasses =
    [
        .. House
            .Load("OrleansMl.Grains")
            .GetTypes()
            .Where(t => typeof(Grain).IsAssignableFrom(t) && !t.IsAbstract),
    ];

    public static TheoryData<Type> Grains => [.. GrainClasses];

    [Theory]
    [MemberData(nameof(Grains))]
    public void A_grain_is_internal_sealed_and_has_a_type_name_that_outlives_a_rename(Type grain)
    {
        Assert.False(grain.IsVisible, $"{grain.Name} is public.");
        Assert.True(grain.IsSealed, $"{grain.Name} is not sealed.");
        Assert.True(
            grain.GetCustomAttribute<GrainTypeAttribute>() is not null,
            $"{grain.Name} has no [GrainType]."
        );
        Assert.EndsWith("Grain", grain.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_grains_to_judge() => Assert.NotEmpty(GrainClasses);

    [Fact]
    public void Grains_never_touch_the_file_system() =>
        Assert.True(NeverUses("OrleansMl.Grains", "System.IO.File"));

    [Fact]
    public void The_rule_about_files_can_fail() =>
        Assert.False(NeverUses("OrleansMl.Storage", "System.IO.File"));

    private static bool NeverUses(string assembly, string type) =>
        Types()
            .That()
            .ResideInAssembly(House.Load(assembly))
            .Should()
            .NotDependOnAny(Types(includeReferenced: true).That().HaveFullName(type))
            .HasNoViolations(Architecture);
}
