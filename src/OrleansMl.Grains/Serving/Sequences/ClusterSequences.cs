using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Sequences;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>Brings a call to its sequence's grain. A call that can be told from others is made once more when the grain's silo went down with it.</summary>
internal sealed class ClusterSequences(IGrainFactory grains) : ISequenceRunner
{
    public async ValueTask<InferenceResponse> StepAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        var sequence = request.Parameters.SequenceId!;
        if (request.Parameters.Explain is not null)
            throw new InvalidInputException(
                "explain: calls of a sequence are not explained; ask without sequence_id and send the state as inputs."
            );
        var grain = grains.GetGrain<IModelSequenceGrain>(SequenceKey.Of(route.Call, sequence));
        var call = new SequenceCall
        {
            Version = route.Version,
            Policy = route.Snapshot.Serving.Policy.Sequences!,
            Request = request,
        };
        try
        {
            return await grain.StepAsync(call, cancellationToken);
        }
        catch (OrleansMessageRejectionException error) when (!SequenceRules.IsRepeatable(request))
        {
            throw new UnavailableException(
                $"The silo that held sequence '{sequence}' went down with the call, and whether it was applied is not known: begin anew. A call with an id or sequence_step can be repeated.",
                error
            );
        }
        catch (OrleansMessageRejectionException)
        {
            return await grain.StepAsync(call, cancellationToken);
        }
    }
}
