using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Grains.Serving.Batching;

/// <summary>The calls of one version in a burst of requests.</summary>
internal sealed class BurstBatch(VersionBatcher batcher) : IBurstWork
{
    public VersionBatcher Batcher => batcher;

    public List<BatchedCall> Calls { get; } = [];

    public void Run() => batcher.Run(Calls);
}
