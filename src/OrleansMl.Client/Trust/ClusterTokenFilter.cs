using Orleans;
using Orleans.Runtime;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Trust;

/// <summary>Shows the token with every grain call of an Orleans client.</summary>
internal sealed class ClusterTokenFilter(ClusterTokenSource tokens) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // The client's own connection asks system targets, before there may be a token.
        if (!context.TargetId.IsSystemTarget())
            RequestContext.Set(GrainCallHeaders.Token, await tokens.GetAsync());
        await context.Invoke();
    }
}
