using System.Reflection;
using Orleans.Runtime;
using OrleansMl.Grains.Datasets;

namespace OrleansMl.Grains.Tests.Operations;

public sealed class StateNameTests
{
    /// <summary>The ADO.NET storage keys rows by the state's name and the grain's key alone: with one name for two grain types, the dataset <c>fashion</c> and the model <c>fashion</c> would overwrite each other.</summary>
    [Fact]
    public void Every_grain_keeps_its_state_under_the_name_of_its_type()
    {
        var states =
            from type in typeof(DatasetGrain).Assembly.GetTypes()
            from constructor in type.GetConstructors(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            )
            from parameter in constructor.GetParameters()
            let state = parameter.GetCustomAttribute<PersistentStateAttribute>()
            where state is not null
            select (type, state.StateName);

        Assert.All(states, s => Assert.Equal(TypeName(s.type), s.StateName));
        Assert.True(states.Count() >= 6);
    }

    private static string? TypeName(Type type) =>
        type.GetCustomAttributesData()
            .Single(a => a.AttributeType == typeof(GrainTypeAttribute))
            .ConstructorArguments[0]
            .Value as string;
}
