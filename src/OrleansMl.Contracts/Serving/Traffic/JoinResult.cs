namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>What became of labels and numbers that were told as outcomes; all of it is durable.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.JoinResult")]
public sealed record JoinResult
{
    /// <summary>Joined with their predictions now, or as soon as the predictions are written, a few seconds later.</summary>
    [Id(0)]
    public int Joined { get; init; }

    /// <summary>Told before: the first outcome of a prediction's row stands.</summary>
    [Id(1)]
    public int Repeated { get; init; }

    /// <summary>No such prediction is kept: not sampled, forgotten, or made while quality was not watched.</summary>
    [Id(2)]
    public int Unknown { get; init; }
}
