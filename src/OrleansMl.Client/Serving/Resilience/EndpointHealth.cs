using Polly;

namespace OrleansMl.Client.Serving.Resilience;

/// <summary>One endpoint's circuit: closed, or open until a time.</summary>
internal sealed class EndpointHealth(Uri endpoint)
{
    private long _openUntil;

    public Uri Endpoint { get; } = endpoint;

    /// <summary>Runs one request: counts it, refuses it while the circuit is open, limits its time.</summary>
    public required ResiliencePipeline<object> Pipeline { get; init; }

    /// <summary>Whether requests are refused at this moment, in ticks of UTC.</summary>
    public bool IsOpen(long now) => now < Volatile.Read(ref _openUntil);

    public void Open(long until) => Volatile.Write(ref _openUntil, until);

    public void Close() => Volatile.Write(ref _openUntil, 0);
}
