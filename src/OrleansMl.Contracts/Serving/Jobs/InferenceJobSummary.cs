using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>A job in a list: the catalogue's summary, JSON by <see cref="ContractsJson"/>.</summary>
public sealed record InferenceJobSummary
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The model version.</summary>
    public required ModelVersionId Model { get; init; }

    /// <summary>The dataset version that is scored; null for a stored request.</summary>
    public DatasetVersionId? Dataset { get; init; }

    /// <summary>How far it is.</summary>
    public required InferenceJobPhase Phase { get; init; }

    /// <summary>Rows done.</summary>
    public long RowsDone { get; init; }

    /// <summary>Rows in all.</summary>
    public long Rows { get; init; }

    /// <summary>The dataset version that the scored rows became.</summary>
    public DatasetVersionId? ResultDataset { get; init; }

    /// <summary>Why it failed; at most 500 characters.</summary>
    public string? Error { get; init; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
