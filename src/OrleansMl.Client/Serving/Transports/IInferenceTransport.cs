using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>One way to a cluster: one request, one answer, no second try.</summary>
internal interface IInferenceTransport : IDisposable
{
    /// <summary>Its name in telemetry.</summary>
    string Name { get; }

    /// <summary>Runs a model.</summary>
    /// <exception cref="OrleansMlException">It failed; its <see cref="OrleansMlException.Failure"/> says how far it came.</exception>
    Task<InferenceResponse> InferAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    );

    /// <summary>Describes a model.</summary>
    /// <exception cref="OrleansMlException">It failed; its <see cref="OrleansMlException.Failure"/> says how far it came.</exception>
    Task<ModelDescription> DescribeAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    );
}
