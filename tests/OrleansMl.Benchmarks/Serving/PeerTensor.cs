namespace OrleansMl.Benchmarks.Serving;

/// <summary>A tensor in the peer's JSON, the protocol's members.</summary>
internal sealed record PeerTensor(string Name, long[] Shape, string Datatype, float[] Data);
