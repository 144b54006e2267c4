namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>The outcomes of a version's predictions, summed.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.OutcomeTally")]
public sealed record OutcomeTally
{
    /// <summary>The version.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>How many.</summary>
    [Id(1)]
    public long Count { get; init; }

    /// <summary>Their sum; of binary ones, the successes.</summary>
    [Id(2)]
    public double Sum { get; init; }

    /// <summary>The sum of their squares.</summary>
    [Id(3)]
    public double SumOfSquares { get; init; }
}
