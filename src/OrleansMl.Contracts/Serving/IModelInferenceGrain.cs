using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving;

/// <summary>
/// Answers calls of a model, by its name, as HTTP and gRPC do: the model's traffic chooses the version, and what watches calls sees them.
/// On the silo where the call arrives.
/// </summary>
[Alias("oml.IModelInferenceGrain")]
[ClientAccess(Permission.None)]
public interface IModelInferenceGrain : IGrainWithStringKey
{
    /// <summary>Runs the model.</summary>
    /// <param name="reference">A version's number, an alias, <c>latest</c>, or empty: the model's traffic decides, else the alias <c>champion</c>, else the newest.</param>
    /// <param name="key">What keeps a caller on one version of a split, at most 200 characters; null: none.</param>
    /// <param name="request">The tensors.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidInputException">A tensor's name, type, rank, shape or values are wrong, or the key is too long.</exception>
    /// <exception cref="NotFoundException">No such model or version.</exception>
    /// <exception cref="OverloadedException">Too many calls wait for the version.</exception>
    /// <exception cref="UnavailableException">The version can't answer now.</exception>
    [Alias("Infer")]
    [ClientAccess(Permission.Predict, ClientScope.Key)]
    Task<InferenceResponse> InferAsync(
        string reference,
        string? key,
        InferenceRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>What the version that would answer takes and gives.</summary>
    /// <exception cref="NotFoundException">No such model or version.</exception>
    [Alias("Describe")]
    [ClientAccess(Permission.Read | Permission.Predict, ClientScope.Key)]
    Task<ModelDescription> DescribeAsync(string reference, CancellationToken cancellationToken);
}
