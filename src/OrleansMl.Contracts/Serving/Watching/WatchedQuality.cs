namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>The quality of a version's predictions, or of those that were asked for by one alias.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.WatchedQuality")]
public sealed record WatchedQuality
{
    /// <summary>The version; null: whichever the alias pointed at.</summary>
    [Id(0)]
    public int? Version { get; init; }

    /// <summary>The alias, number or <c>latest</c> that callers named, empty where they named none; null: all of the version's.</summary>
    [Id(1)]
    public string? Reference { get; init; }

    /// <summary>Aliases that point at the version now.</summary>
    [Id(2)]
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>All kept windows together.</summary>
    [Id(3)]
    public required QualityReport Total { get; init; }

    /// <summary>Windows with outcomes, newest first; the first may be open.</summary>
    [Id(4)]
    public required IReadOnlyList<QualityReport> Windows { get; init; }
}
