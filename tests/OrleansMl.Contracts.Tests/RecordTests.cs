using System.Reflection;

namespace OrleansMl.Contracts.Tests;

/// <summary>What every wire record and grain interface keeps to.</summary>
public sealed class RecordTests
{
    public static TheoryData<Type> Records =>
        [
            .. typeof(ResourceName)
                .Assembly.GetExportedTypes()
                .Where(t =>
                    t.Namespace!.StartsWith("OrleansMl.", StringComparison.Ordinal)
                    && t.GetCustomAttribute<GenerateSerializerAttribute>() is not null
                ),
        ];

    public static TheoryData<Type> GrainInterfaces =>
        [
            .. typeof(ResourceName)
                .Assembly.GetExportedTypes()
                .Where(t => t.IsInterface && typeof(IGrain).IsAssignableFrom(t)),
        ];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_has_an_alias_of_ours(Type record) =>
        Assert.StartsWith(
            "oml.",
            record.GetCustomAttribute<AliasAttribute>()?.Alias,
            StringComparison.Ordinal
        );

    [Theory]
    [MemberData(nameof(Records))]
    public void A_records_numbers_are_used_once(Type record)
    {
        var ids = record
            .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(p => p.GetCustomAttribute<IdAttribute>()?.Id)
            .Where(id => id is not null)
            .ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(GrainInterfaces))]
    public void Every_grain_method_has_an_alias_and_ends_in_a_cancellation_token(Type grain)
    {
        foreach (var method in grain.GetMethods().Where(m => !m.IsStatic))
        {
            Assert.True(
                method.GetCustomAttribute<AliasAttribute>() is not null,
                $"{grain.Name}.{method.Name} has no [Alias]."
            );
            Assert.True(
                method.GetParameters().LastOrDefault()?.ParameterType == typeof(CancellationToken),
                $"{grain.Name}.{method.Name} does not end in a CancellationToken."
            );
        }
    }
}
