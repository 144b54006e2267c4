using System.Globalization;

namespace OrleansMl.Benchmarks;

/// <summary>One line of a report.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Of both values.</param>
/// <param name="Ours">Median; null when it could not be measured.</param>
/// <param name="Peer">Median; null without a peer, or when it could not be measured.</param>
/// <param name="Ratio">Ours / peer, the median over the rounds; null without a peer.</param>
/// <param name="Goal">What has to hold, for people.</param>
/// <param name="Met">Whether it does.</param>
internal sealed record BenchRow(
    string Name,
    string Unit,
    double? Ours,
    double? Peer,
    double? Ratio,
    string Goal,
    bool Met
)
{
    /// <summary>Smallest and largest of ours.</summary>
    public IReadOnlyList<double> OursSpread { get; init; } = [];

    /// <summary>Smallest and largest of the peer's.</summary>
    public IReadOnlyList<double> PeerSpread { get; init; } = [];

    /// <summary>Rounds measured.</summary>
    public int Rounds { get; init; }

    /// <summary>What a reader must know beside the numbers; why it is inconclusive, for example.</summary>
    public string Note { get; init; } = "";

    /// <summary>A comparison with a peer, round by round.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="unit">Of both.</param>
    /// <param name="ours">A value a round.</param>
    /// <param name="peer">A value a round; empty: it could not be brought up.</param>
    /// <param name="largerIsBetter">Whether ours has to be at least, or else at most, the peer's.</param>
    /// <param name="note">For a missing peer, why.</param>
    /// <param name="limit">What the ratio has to reach, or must not exceed.</param>
    public static BenchRow Against(
        string name,
        string unit,
        IReadOnlyList<double> ours,
        IReadOnlyList<double> peer,
        bool largerIsBetter,
        string note = "",
        double limit = 1
    )
    {
        var goal = string.Create(
            CultureInfo.InvariantCulture,
            $"ratio {(largerIsBetter ? '≥' : '≤')} {limit:0.0#}"
        );
        if (peer.Count != ours.Count || ours.Count == 0)
            return new BenchRow(
                name,
                unit,
                ours.Count == 0 ? null : Median(ours),
                peer.Count == 0 ? null : Median(peer),
                null,
                goal,
                Met: false
            )
            {
                Note = $"inconclusive: {note}",
                Rounds = ours.Count,
            };
        // Both sides of a round ran one after the other, under the same load: their ratio is steadier than the values.
        var ratio = Median([.. ours.Zip(peer, (o, p) => o / p)]);
        return new BenchRow(
            name,
            unit,
            Median(ours),
            Median(peer),
            ratio,
            goal,
            largerIsBetter ? ratio >= limit : ratio <= limit
        )
        {
            OursSpread = [ours.Min(), ours.Max()],
            PeerSpread = [peer.Min(), peer.Max()],
            Rounds = ours.Count,
            Note = note,
        };
    }

    /// <summary>A value that must stay below a limit.</summary>
    public static BenchRow Below(
        string name,
        string unit,
        IReadOnlyList<double> ours,
        double limit,
        string note = ""
    ) =>
        new(
            name,
            unit,
            Median(ours),
            null,
            null,
            string.Create(CultureInfo.InvariantCulture, $"< {limit} {unit}"),
            Median(ours) < limit
        )
        {
            OursSpread = [ours.Min(), ours.Max()],
            Rounds = ours.Count,
            Note = note,
        };

    /// <summary>The middle value.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
