namespace OrleansMl.Benchmarks.Serving;

/// <summary>A request in the peer's JSON.</summary>
internal sealed record PeerRequest(IReadOnlyList<PeerTensor> Inputs);
