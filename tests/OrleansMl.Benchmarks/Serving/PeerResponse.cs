namespace OrleansMl.Benchmarks.Serving;

/// <summary>An answer in the peer's JSON.</summary>
internal sealed record PeerResponse(string ModelName, IReadOnlyList<PeerTensor> Outputs);
