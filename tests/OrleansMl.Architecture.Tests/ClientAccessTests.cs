using System.Reflection;
using Orleans;
using OrleansMl.Contracts.Trust;
using Type = System.Type;

namespace OrleansMl.Architecture.Tests;

/// <summary>What Orleans clients may call is said where the call is defined.</summary>
public sealed class ClientAccessTests
{
    private static readonly Type[] Interfaces =
    [
        .. House
            .Load("OrleansMl.Contracts")
            .GetTypes()
            .Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type)),
    ];

    public static TheoryData<Type> GrainInterfaces => [.. Interfaces];

    [Theory]
    [MemberData(nameof(GrainInterfaces))]
    public void Every_method_of_a_public_grain_interface_declares_what_a_client_needs(
        Type @interface
    ) =>
        Assert.True(
            Undeclared(@interface).Count == 0,
            $"{@interface.Name}: {string.Join(", ", Undeclared(@interface))}: add [ClientAccess(…)] to the method or, for its default, to the interface."
        );

    [Theory]
    [MemberData(nameof(GrainInterfaces))]
    public void A_clients_change_is_recorded(Type @interface) =>
        Assert.Empty(
            @interface
                .GetMethods()
                .Where(method =>
                    method.GetCustomAttribute<ClientAccessAttribute>() is { } access
                    && access.Any != Permission.None
                    && (access.Any & (Permission.Read | Permission.Predict)) == Permission.None
                    && access.Action is null
                )
                .Select(method => method.Name)
        );

    [Fact]
    public void There_are_interfaces_to_judge_and_the_rule_can_fail()
    {
        Assert.True(Interfaces.Length > 10);
        Assert.Equal([nameof(IUndeclared.ForgottenAsync)], Undeclared(typeof(IUndeclared)));
    }

    [Fact]
    public void Interfaces_between_silos_are_internal_or_closed()
    {
        var open = House
            .Load("OrleansMl.Grains")
            .GetTypes()
            .Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            .Where(type =>
                type.GetMethods()
                    .Append((MemberInfo)type)
                    .Any(member =>
                        member.GetCustomAttribute<ClientAccessAttribute>() is { } access
                        && access.Any != Permission.None
                    )
            );

        Assert.Empty(open);
    }

    private static List<string> Undeclared(Type @interface) =>
        [
            .. @interface
                .GetMethods()
                .Where(method =>
                    method.GetCustomAttribute<ClientAccessAttribute>() is null
                    && @interface.GetCustomAttribute<ClientAccessAttribute>() is null
                )
                .Select(method => method.Name),
        ];

    private interface IUndeclared
    {
        Task ForgottenAsync();

        [ClientAccess(Permission.Read)]
        Task DeclaredAsync();
    }
}
