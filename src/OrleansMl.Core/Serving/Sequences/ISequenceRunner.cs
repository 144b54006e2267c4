using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Core.Serving.Sequences;

/// <summary>Answers calls of sequences, wherever in the cluster a sequence's state is. Thread-safe.</summary>
public interface ISequenceRunner
{
    /// <summary>Runs the next call of a sequence. When this returns, the state that it left is durable.</summary>
    /// <param name="route">The version that a first call begins on; a later one runs on the sequence's own.</param>
    /// <param name="request">The request, with a sequence id and without the state's inputs.</param>
    /// <param name="cancellationToken">Gives up; the call may have been applied.</param>
    /// <exception cref="Contracts.InvalidInputException">The sequence isn't running, or the request is wrong.</exception>
    /// <exception cref="Contracts.ConflictException">Another call of the sequence has the request's id or step.</exception>
    /// <exception cref="Contracts.OverloadedException">Too many sequences run, or too many calls of this one wait.</exception>
    /// <exception cref="Contracts.UnavailableException">The call can't be answered now; it was not applied unless the message says otherwise.</exception>
    ValueTask<InferenceResponse> StepAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    );
}
