using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>This silo's loaded models, for a gateway in the same process: what IPredictorGrain answers, without the hop. Thread-safe.</summary>
public interface ILocalPredictor
{
    /// <summary>Whether this silo has the role <c>serve</c>; if not, call the grain.</summary>
    bool Available { get; }

    /// <summary>Validates the request and runs the version, which is loaded first if need be.</summary>
    /// <exception cref="Contracts.InvalidInputException">A tensor's name, type, rank, shape or values are wrong.</exception>
    /// <exception cref="Contracts.NotFoundException">No such version.</exception>
    /// <exception cref="Contracts.OverloadedException">Too many calls wait for the version.</exception>
    /// <exception cref="Contracts.UnavailableException">The version can't be loaded now, or this silo doesn't serve.</exception>
    ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>Loads the version if need be and says what it takes and gives.</summary>
    ValueTask<ModelSignature> GetSignatureAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    );
}
