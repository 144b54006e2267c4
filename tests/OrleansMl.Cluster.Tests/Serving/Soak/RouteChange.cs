namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>One change of what a name means, as the one who made it saw it.</summary>
/// <param name="Shares">Versions by number, or an alias, each with its part of the calls; the parts sum to 1.</param>
/// <param name="Begun">When it was asked for: from then on it may hold.</param>
internal sealed record RouteChange(IReadOnlyList<(string Version, double Part)> Shares, long Begun)
{
    private readonly long[] _answers = new long[Shares.Count];

    /// <summary>When the cluster said that it holds; null: not yet.</summary>
    public long? Acknowledged { get; set; }

    /// <summary>Answers by share that came from calls made while this and nothing else held.</summary>
    public IReadOnlyList<long> Answers => _answers;

    /// <summary>Counts one.</summary>
    public void Count(int share) => _answers[share]++;
}
