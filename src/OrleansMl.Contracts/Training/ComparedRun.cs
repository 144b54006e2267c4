namespace OrleansMl.Contracts.Training;

/// <summary>One run of a comparison.</summary>
public sealed record ComparedRun
{
    /// <summary>Its id.</summary>
    public required TrainingRunId Id { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The model it trains.</summary>
    public required string Model { get; init; }

    /// <summary>The version it registered.</summary>
    public Models.ModelVersionId? Version { get; init; }

    /// <summary>Where it stands.</summary>
    public TrainingRunPhase Phase { get; init; }

    /// <summary>Rows scored.</summary>
    public long Examples { get; init; }

    /// <summary>Seconds spent in attempts.</summary>
    public double TrainingSeconds { get; init; }

    /// <summary>Metric name to value.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
}
