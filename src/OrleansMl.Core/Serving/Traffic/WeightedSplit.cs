namespace OrleansMl.Core.Serving.Traffic;

/// <summary>
/// Chooses by weight. A call with a key goes by weighted rendezvous hashing: each share scores −w / ln u, with u a number from 0 to 1 that
/// depends on key and share alone, and the highest score wins (Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005, the
/// logarithmic method). Every process so chooses alike, and a changed weight moves only the calls that it gains or loses. A call without a
/// key is drawn.
/// </summary>
public sealed class WeightedSplit : IArmChooser
{
    private readonly (ulong Hash, double Weight, int Version)[] _shares;
    private readonly double _sum;

    /// <summary>Makes a split.</summary>
    /// <param name="shares">Names, which keys are bound to, with weights of 0 and more, one at least above 0, and versions.</param>
    public WeightedSplit(IEnumerable<(string Name, double Weight, int Version)> shares)
    {
        _shares =
        [
            .. shares
                .Where(share => share.Weight > 0)
                .Select(share => (KeyHash.Of(share.Name), share.Weight, share.Version)),
        ];
        if (_shares.Length == 0)
            throw new ArgumentException("No share has a weight above 0.", nameof(shares));
        _sum = _shares.Sum(share => share.Weight);
        Versions = [.. _shares.Select(share => share.Version).Distinct()];
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Versions { get; }

    /// <inheritdoc/>
    public int Choose(string? key, ITrafficRandom random)
    {
        if (_shares.Length == 1)
            return _shares[0].Version;
        return string.IsNullOrEmpty(key) ? Draw(random) : Bound(KeyHash.Of(key));
    }

    private int Bound(ulong key)
    {
        var best = double.NegativeInfinity;
        var chosen = _shares[0].Version;
        foreach (var (hash, weight, version) in _shares)
        {
            var score = -weight / Math.Log(KeyHash.Unit(KeyHash.Mix(key ^ hash)));
            if (score > best)
                (best, chosen) = (score, version);
        }
        return chosen;
    }

    private int Draw(ITrafficRandom random)
    {
        var left = random.NextUnit() * _sum;
        foreach (var (_, weight, version) in _shares)
        {
            left -= weight;
            if (left < 0)
                return version;
        }
        return _shares[^1].Version;
    }
}
