using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Grains.Trust;

/// <summary>
/// Shows the cluster's proof with every call that this silo makes, and takes it away from calls of clients' objects: it must
/// not leave the silos. A grain that was called with it hands it on without a copy.
/// </summary>
internal sealed class SiloProofFilter(ClusterKeyRing keys) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        var shown = RequestContext.Get(GrainCallHeaders.Proof);
        if (context.TargetId.IsClient())
            return shown is null ? context.Invoke() : WithoutAsync(context);
        var proof = keys.Proof;
        return proof is null || proof.Equals(shown) ? context.Invoke() : WithAsync(context, proof);
    }

    // In methods of their own that await: what they set ends with the call, and the caller's context stays as it was.
    private static async Task WithAsync(IOutgoingGrainCallContext context, string proof)
    {
        RequestContext.Set(GrainCallHeaders.Proof, proof);
        await context.Invoke();
    }

    private static async Task WithoutAsync(IOutgoingGrainCallContext context)
    {
        RequestContext.Remove(GrainCallHeaders.Proof);
        await context.Invoke();
    }
}
