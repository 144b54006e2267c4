namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>An alert that was raised.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AlertSnapshot")]
public sealed record AlertSnapshot
{
    /// <summary>Unique in the model.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The model.</summary>
    [Id(1)]
    public required string Model { get; init; }

    /// <summary>The version.</summary>
    [Id(2)]
    public required int Version { get; init; }

    /// <summary>The rule's name.</summary>
    [Id(3)]
    public required string Rule { get; init; }

    /// <summary>What was measured.</summary>
    [Id(4)]
    public required WatchMeasure Measure { get; init; }

    /// <summary>The input or output; null: the whole model.</summary>
    [Id(5)]
    public string? Feature { get; init; }

    /// <summary>The newest measurement while it was raised.</summary>
    [Id(6)]
    public required double Value { get; init; }

    /// <summary>The bound that was passed.</summary>
    [Id(7)]
    public required double Bound { get; init; }

    /// <summary>When it was raised.</summary>
    [Id(8)]
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When it was cleared; null: it stands.</summary>
    [Id(9)]
    public DateTimeOffset? ClearedAt { get; init; }

    /// <summary>Why it was cleared, when not by a measurement within the bound.</summary>
    [Id(10)]
    public string? Reason { get; init; }
}
