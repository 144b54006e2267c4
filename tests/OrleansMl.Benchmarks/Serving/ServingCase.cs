namespace OrleansMl.Benchmarks.Serving;

/// <summary>A load that both sides get.</summary>
/// <param name="Name">For people.</param>
/// <param name="Callers">At a time.</param>
/// <param name="Ours">The request to us.</param>
/// <param name="Peer">The request to the peer.</param>
internal sealed record ServingCase(string Name, int Callers, byte[] Ours, byte[] Peer)
{
    /// <summary>What each round of ours gave.</summary>
    public List<ServingFigures> OurRounds { get; } = [];

    /// <summary>What each round of the peer gave.</summary>
    public List<ServingFigures> PeerRounds { get; } = [];

    /// <summary>Drops what was measured.</summary>
    public void Forget()
    {
        OurRounds.Clear();
        PeerRounds.Clear();
    }
}
