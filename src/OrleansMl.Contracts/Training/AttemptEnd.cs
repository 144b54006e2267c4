namespace OrleansMl.Contracts.Training;

/// <summary>How an attempt ended without a model.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AttemptEnd")]
public sealed record AttemptEnd
{
    /// <summary>The fencing token.</summary>
    [Id(0)]
    public required int Attempt { get; init; }

    /// <summary>Why.</summary>
    [Id(1)]
    public required AttemptOutcome Outcome { get; init; }

    /// <summary>What went wrong, for people.</summary>
    [Id(2)]
    public string Error { get; init; } = "";

    /// <summary>The worker's last lines, at most 50.</summary>
    [Id(3)]
    public IReadOnlyList<string> LogTail { get; init; } = [];
}
