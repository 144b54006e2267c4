namespace OrleansMl.Contracts.Models;

/// <summary>A model version in a list: the catalogue's summary, JSON by <see cref="ContractsJson"/>.</summary>
public sealed record ModelVersionSummary
{
    /// <summary>Name and version.</summary>
    public required ModelVersionId Id { get; init; }

    /// <summary><c>classification</c>, <c>binary</c>, <c>regression</c> or <c>unknown</c>.</summary>
    public required string Task { get; init; }

    /// <summary>Trained on.</summary>
    public Datasets.DatasetVersionId? Dataset { get; init; }

    /// <summary>Trained by.</summary>
    public Training.TrainingRunId? Run { get; init; }

    /// <summary>For an import: where the file came from; at most 500 characters.</summary>
    public string? Source { get; init; }

    /// <summary>The split that <see cref="Metrics"/> were measured on: test, else validation, else train; null without scores.</summary>
    public string? Split { get; init; }

    /// <summary>Scores by name, for example <c>accuracy</c>; at most 16.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } =
        new Dictionary<string, double>();

    /// <summary>Whether it took the alias when it was registered; null without rules.</summary>
    public bool? Promoted { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who asked.</summary>
    public string RegisteredBy { get; init; } = "";
}
