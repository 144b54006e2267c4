using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Invocation;

/// <summary>Looks at answered calls: for statistics, logs, comparisons. Never delays or fails them.</summary>
public interface IInferenceObserver
{
    /// <summary>
    /// Called after each answer, on the hot path: returns at once, throws nothing, and copies what it keeps, because the tensors'
    /// memory goes back to a pool afterwards; or holds the <see cref="TensorMemory"/> of request and response for as long as it reads.
    /// </summary>
    void Answered(in InferenceRoute route, InferenceRequest request, InferenceResponse response);
}
