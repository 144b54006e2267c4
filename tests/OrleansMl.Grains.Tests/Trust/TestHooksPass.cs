using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Grains.Tests.Trust;

/// <summary>Lets the test host look after its silos by its client, and nothing else.</summary>
internal sealed class TestHooksPass(ClusterKeyRing keys) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceName.EndsWith("ITestHooks", StringComparison.Ordinal))
            RequestContext.Set(GrainCallHeaders.Proof, keys.Proof!);
        await context.Invoke();
    }
}
