namespace OrleansMl.Core.Serving.Residency;

/// <summary>A serving silo as a caller on another one sees it.</summary>
/// <param name="Name">The silo's.</param>
/// <param name="Warm">Whether it has the version in memory, or is loading it for this caller.</param>
/// <param name="Calls">Calls under way and waiting there, as far as known.</param>
public readonly record struct ReplicaCandidate(string Name, bool Warm, int Calls);
