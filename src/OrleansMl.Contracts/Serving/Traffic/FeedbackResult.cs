namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>What became of outcomes; all of it is durable.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.FeedbackResult")]
public sealed record FeedbackResult
{
    /// <summary>Counted now.</summary>
    [Id(0)]
    public int Counted { get; init; }

    /// <summary>Counted before: their ids are known.</summary>
    [Id(1)]
    public int Repeated { get; init; }

    /// <summary>Refused: their predictions are older than the window.</summary>
    [Id(2)]
    public int Late { get; init; }

    /// <summary>What became of labels and numbers; null: there were none, or the model's quality is not watched.</summary>
    [Id(3)]
    public JoinResult? Quality { get; init; }
}
