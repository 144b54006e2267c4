namespace OrleansMl.Contracts.Training;

/// <summary>Runs beside each other, scored on the same rows.</summary>
public sealed record RunComparison
{
    /// <summary>The split.</summary>
    public required string Split { get; init; }

    /// <summary>The dataset version that all of them used.</summary>
    public required Datasets.DatasetVersionId Dataset { get; init; }

    /// <summary>The runs, in the asked order.</summary>
    public required IReadOnlyList<ComparedRun> Runs { get; init; }
}
