namespace OrleansMl.Contracts.Training;

/// <summary>A run in a list: the catalogue's summary, JSON by <see cref="ContractsJson"/>. It may lag behind the run by a few seconds of progress.</summary>
public sealed record TrainingRunSummary
{
    /// <summary>Its id.</summary>
    public required TrainingRunId Id { get; init; }

    /// <summary>A name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Model that the version is registered under.</summary>
    public required string Model { get; init; }

    /// <summary>The dataset version it trains on.</summary>
    public required Datasets.DatasetVersionId Dataset { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public required string Accelerator { get; init; }

    /// <summary>Where it stands.</summary>
    public required TrainingRunPhase Phase { get; init; }

    /// <summary>The newest attempt's number; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>How far it is.</summary>
    public TrainingProgress? Progress { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When the first attempt began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Seconds spent in attempts.</summary>
    public double TrainingSeconds { get; init; }

    /// <summary>The version it registered.</summary>
    public Models.ModelVersionId? Version { get; init; }

    /// <summary>Whether that version took the alias; null before it was registered or without rules.</summary>
    public bool? Promoted { get; init; }

    /// <summary>The split that <see cref="Metrics"/> were measured on: test, else validation, else train; null before the end.</summary>
    public string? Split { get; init; }

    /// <summary>The final model's scores by name, for example <c>accuracy</c>; at most 16.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } =
        new Dictionary<string, double>();

    /// <summary>Why it failed; at most 500 characters.</summary>
    public string? Error { get; init; }

    /// <summary>A cancel was asked for and is under way.</summary>
    public bool CancelRequested { get; init; }
}
