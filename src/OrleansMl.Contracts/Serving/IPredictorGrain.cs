using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving;

/// <summary>Serves one model version, by its id (<c>churn@7</c>), on the caller's silo where that has the role <c>serve</c>.</summary>
[Alias("oml.IPredictorGrain")]
[ClientAccess(Permission.None)]
public interface IPredictorGrain : IGrainWithStringKey
{
    /// <summary>Runs the model.</summary>
    /// <exception cref="InvalidInputException">A tensor's name, type, rank, shape or values are wrong.</exception>
    /// <exception cref="NotFoundException">No such version.</exception>
    /// <exception cref="UnavailableException">The version can't be loaded now.</exception>
    [ClientAccess(Permission.Predict, ClientScope.Key)]
    [Alias("Predict")]
    Task<InferenceResponse> PredictAsync(
        InferenceRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>Loads the version if need be and says what it takes and gives.</summary>
    [ClientAccess(Permission.Read | Permission.Predict, ClientScope.Key)]
    [Alias("GetSignature")]
    Task<Models.ModelSignature> GetSignatureAsync(CancellationToken cancellationToken);
}
