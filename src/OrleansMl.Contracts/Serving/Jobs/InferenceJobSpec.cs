using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>The ask to run a model version over a stored request or a dataset version: just one of the two.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.InferenceJobSpec")]
public sealed record InferenceJobSpec
{
    /// <summary>The version; a reference was resolved when the job was submitted.</summary>
    [Id(0)]
    public required ModelVersionId Model { get; init; }

    /// <summary>A request's tensors, in the artifact store.</summary>
    [Id(1)]
    public ArtifactId? Request { get; init; }

    /// <summary>The dataset version whose rows are scored.</summary>
    [Id(2)]
    public DatasetVersionId? Dataset { get; init; }

    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>; null: all rows.</summary>
    [Id(3)]
    public string? Split { get; init; }

    /// <summary>The dataset's columns that stand beside the outputs.</summary>
    [Id(4)]
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Put before the outputs' names to make columns' names.</summary>
    [Id(5)]
    public string Prefix { get; init; } = "";

    /// <summary>The dataset of which the scored rows become the next version; null: they are parts to download.</summary>
    [Id(6)]
    public string? Output { get; init; }

    /// <summary>Rows after which what was done is recorded, 1 to 1,000,000: a silo that dies loses no more.</summary>
    [Id(7)]
    public int ChunkRows { get; init; } = 8_192;

    /// <summary>How long the result is kept after the job's end; null: the silo's default.</summary>
    [Id(8)]
    public TimeSpan? KeepFor { get; init; }

    /// <summary>Rows in all.</summary>
    [Id(9)]
    public required long Rows { get; init; }

    /// <summary>Who asked.</summary>
    [Id(10)]
    public string SubmittedBy { get; init; } = "";
}
