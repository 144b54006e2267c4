using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>
/// Runs models. The same call gives the same answer and fails with the same exceptions whether it goes over HTTP, over gRPC or, in or
/// beside the cluster, through a grain. Safe for threads.
/// </summary>
public interface IInferenceClient : IDisposable
{
    /// <summary>Runs a model on tensors.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="request">The tensors, as the model's signature names them. Their memory must not change until the call is done.</param>
    /// <param name="options">What is asked of this call; null: <see cref="InferenceCallOptions.Default"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer. <see cref="InferenceResponse.Release"/> gives its memory back to a pool; not to call it is safe.</returns>
    /// <exception cref="InvalidInputException">The model's name, a version or the time limit can't be one.</exception>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> when a tensor is wrong; no such model or version, a full queue, or no answer in time.</exception>
    Task<InferenceResponse> InferAsync(
        string model,
        InferenceRequest request,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>What the version that would answer takes and gives.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="options">Which version; null: the one that calls without a version go to.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OrleansMlException">No such model or version, or no answer in time.</exception>
    Task<ModelDescription> DescribeAsync(
        string model,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    );
}
