using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>What a closed window did to a version's alerts.</summary>
/// <param name="Standing">All that stand now, with their newest values.</param>
/// <param name="Raised">Those of them that are new.</param>
/// <param name="Cleared">Those that stand no more.</param>
/// <param name="Streaks">By rule and feature: measurements past the bound, one after the other.</param>
public sealed record AlertChanges(
    IReadOnlyList<AlertSnapshot> Standing,
    IReadOnlyList<AlertSnapshot> Raised,
    IReadOnlyList<AlertSnapshot> Cleared,
    IReadOnlyDictionary<string, int> Streaks
);
