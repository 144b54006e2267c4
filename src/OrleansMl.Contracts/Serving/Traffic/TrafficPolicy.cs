namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>
/// Which versions answer the calls that name none: by fixed shares, as a canary, or as a bandit, at most one of the three; and
/// which version answers a second time in the shadow. Without any of them the alias <c>champion</c>, else the newest version answers.
/// A change of the section begins a new experiment: its counts start at nothing.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrafficPolicy")]
public sealed record TrafficPolicy
{
    /// <summary>Fixed shares of the calls; none: no split.</summary>
    /// <value>0 to 32 shares.</value>
    [Id(0)]
    public IReadOnlyList<TrafficShare> Split { get; init; } = [];

    /// <summary>Aliases of which the calls are governed too; other aliases, numbers and <c>latest</c> always mean themselves.</summary>
    /// <value>The default is none; at most 64.</value>
    [Id(1)]
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>A version that answers some calls a second time, for comparison alone.</summary>
    [Id(2)]
    public ShadowPolicy? Shadow { get; init; }

    /// <summary>A new version that gets a growing share, and loses it when it does worse.</summary>
    [Id(3)]
    public CanaryPolicy? Canary { get; init; }

    /// <summary>Versions that compete for the calls by the outcomes of their predictions.</summary>
    [Id(4)]
    public BanditPolicy? Bandit { get; init; }

    /// <summary>What a prediction's outcome is.</summary>
    /// <value>The default is <see cref="OutcomeKind.Binary"/>.</value>
    [Id(5)]
    public OutcomeKind Outcome { get; init; }

    /// <summary>Seconds after a prediction during which its outcome is taken; a later one is refused. The ids of outcomes are remembered as long.</summary>
    /// <value>The default is 604,800, a week; from 1 to 31,536,000.</value>
    [Id(6)]
    public double FeedbackWindowSeconds { get; init; } = 604_800;
}
