namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>A row unlike the training data.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.OutlierExample")]
public sealed record OutlierExample
{
    /// <summary>When it was answered.</summary>
    [Id(0)]
    public required DateTimeOffset At { get; init; }

    /// <summary>The call's id: the request's own, or one made here.</summary>
    [Id(1)]
    public required string CallId { get; init; }

    /// <summary>Which of the call's rows, from 0.</summary>
    [Id(2)]
    public required int Row { get; init; }

    /// <summary>The input that was furthest off.</summary>
    [Id(3)]
    public required string Feature { get; init; }

    /// <summary>Its value as text; null: missing.</summary>
    [Id(4)]
    public string? Value { get; init; }

    /// <summary>Robust standard distances from the reference; null: a category it never had, or a missing value.</summary>
    [Id(5)]
    public double? Score { get; init; }
}
