namespace OrleansMl.Client.Serving;

/// <summary>A version in the repository's index.</summary>
/// <param name="Name">The model.</param>
/// <param name="Version">The version's number.</param>
/// <param name="State"><c>READY</c>, <c>LOADING</c> or <c>UNAVAILABLE</c>.</param>
/// <param name="Reason">Why it is not ready; empty when it is.</param>
public sealed record RepositoryEntry(string Name, string Version, string State, string Reason);
