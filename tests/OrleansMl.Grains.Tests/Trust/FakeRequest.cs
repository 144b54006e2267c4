using System.Reflection;
using Orleans.Serialization.Invocation;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Tests.Trust;

/// <summary>A request of a method without arguments.</summary>
internal sealed class FakeRequest(MethodInfo method, object? target = null) : IInvokable
{
    public static FakeRequest Of(string method) =>
        new(typeof(IModelGrain).GetMethod(method)!, new object());

    public object? GetTarget() => target ?? this;

    public void SetTarget(ITargetHolder holder) { }

    public ValueTask<Response> Invoke() => throw new NotSupportedException();

    public int GetArgumentCount() => 0;

    public object? GetArgument(int index) => throw new NotSupportedException();

    public void SetArgument(int index, object? value) => throw new NotSupportedException();

    public string GetMethodName() => method.Name;

    public string GetInterfaceName() => method.DeclaringType!.Name;

    public string GetActivityName() => method.Name;

    public MethodInfo GetMethod() => method;

    public Type GetInterfaceType() => method.DeclaringType!;

    public TimeSpan? GetDefaultResponseTimeout() => null;

    public void Dispose() { }
}
