using System.Collections.Concurrent;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Sequences;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>Answers every call of a sequence by the version 1, on which all began.</summary>
public sealed class WorldSequences(ClusterWorld world) : ISequenceRunner
{
    public ConcurrentQueue<InferenceParameters> Calls { get; } = new();

    public ValueTask<InferenceResponse> StepAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        Calls.Enqueue(request.Parameters);
        return new(world.Predict($"{route.Version.Name}@1", request));
    }
}
