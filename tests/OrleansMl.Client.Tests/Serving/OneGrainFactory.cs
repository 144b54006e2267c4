using System.Reflection;

namespace OrleansMl.Client.Tests.Serving;

/// <summary>A factory of grains that has this one alone, whatever is asked for.</summary>
public class OneGrainFactory : DispatchProxy
{
    /// <summary>The grain.</summary>
    public object? Grain { get; set; }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grain;
}
