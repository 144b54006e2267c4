using System.Reflection;
using Orleans.Serialization.Invocation;

namespace OrleansMl.Grains.Tests.Trust;

/// <summary>A call as filters see it, with whatever sender and target a test wants.</summary>
internal sealed class GrainCallContext(IInvokable request, GrainId? source, GrainId target)
    : IIncomingGrainCallContext,
        IOutgoingGrainCallContext
{
    /// <summary>What the request context held when the call went on; null: it did not.</summary>
    public Dictionary<string, object>? Invoked { get; private set; }

    public IInvokable Request => request;

    public object Grain => throw new NotSupportedException();

    public GrainId? SourceId => source;

    public GrainId TargetId => target;

    public GrainInterfaceType InterfaceType => default;

    public string InterfaceName => request.GetInterfaceName();

    public string MethodName => request.GetMethodName();

    public MethodInfo InterfaceMethod => request.GetMethod();

    public MethodInfo ImplementationMethod => throw new NotSupportedException();

    public object? Result { get; set; }

    public Response? Response { get; set; }

    public IGrainContext TargetContext => throw new NotSupportedException();

    public IGrainContext? SourceContext => null;

    public Task Invoke()
    {
        Invoked = RequestContext.Entries.ToDictionary(entry => entry.Key, entry => entry.Value);
        return Task.CompletedTask;
    }
}
