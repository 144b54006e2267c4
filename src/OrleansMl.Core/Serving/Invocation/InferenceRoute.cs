using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Serving.Invocation;

/// <summary>A call with the version that will answer it.</summary>
/// <param name="Call">The call.</param>
/// <param name="Version">The version.</param>
/// <param name="Snapshot">The model as it was when the version was chosen.</param>
public readonly record struct InferenceRoute(
    InferenceCall Call,
    ModelVersionId Version,
    RouteSnapshot Snapshot
);
