using OrleansMl.Contracts.Models;

namespace OrleansMl.Gateway.Serving.Repository;

/// <summary>A version in the repository's index.</summary>
/// <param name="Version">The version.</param>
/// <param name="State">One of the protocol's states.</param>
/// <param name="Reason">Why it is not ready; empty when it is.</param>
internal sealed record RepositoryEntry(ModelVersionId Version, string State, string Reason)
{
    public const string Ready = "READY";
    public const string Loading = "LOADING";
    public const string Unavailable = "UNAVAILABLE";
}
