using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>What a job's ask must be, and its row of the catalogue.</summary>
internal static class JobSpecs
{
    private const int MaxBy = 200;
    private const int MaxPrefix = 50;
    private const int MaxRowError = 500;
    private const int MaxChunkRows = 1_000_000;

    /// <summary>Statuses of jobs that have not ended.</summary>
    public static IReadOnlyCollection<string> ActiveStatuses { get; } =
    [nameof(InferenceJobPhase.Queued), nameof(InferenceJobPhase.Running)];

    /// <exception cref="InvalidInputException">Something is wrong; nothing was done.</exception>
    public static void Check(string id, InferenceJobSpec spec, int maxChunks)
    {
        if (!ResourceName.IsValid(id))
            throw new InvalidInputException(
                $"'{id}' is not a job's id: expected 1 to {ResourceName.MaxLength} characters, lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit."
            );
        if (spec.Request is null == spec.Dataset is null)
            throw new InvalidInputException(
                $"job '{id}': expected a request or a dataset, got {(spec.Request is null ? "neither" : "both")}."
            );
        if (spec.Request is not null && (spec.Output is not null || spec.Keep.Count > 0))
            throw new InvalidInputException(
                $"job '{id}': output and keep are of a dataset's rows; the answer to a request is a file."
            );
        if (spec.Split is not null && !DatasetSplits.Names.Contains(spec.Split))
            throw new InvalidInputException(
                $"job '{id}': split: expected train, validation or test, got '{spec.Split}'."
            );
        if (spec.Output is not null && !ResourceName.IsValid(spec.Output))
            throw new InvalidInputException(
                $"job '{id}': output: '{spec.Output}' is not a dataset's name."
            );
        if (spec.ChunkRows is < 1 or > MaxChunkRows)
            throw new InvalidInputException(
                $"job '{id}': chunkRows: expected 1 to {MaxChunkRows}, got {spec.ChunkRows}."
            );
        if (spec.Rows < 1 || spec.Rows / spec.ChunkRows >= maxChunks)
            throw new InvalidInputException(
                $"job '{id}': expected 1 to {maxChunks} chunks, got {spec.Rows} rows in chunks of {spec.ChunkRows}; choose larger ones."
            );
        if (spec.KeepFor < TimeSpan.FromMinutes(1) || spec.KeepFor > TimeSpan.FromDays(3_650))
            throw new InvalidInputException(
                $"job '{id}': keepFor: expected a minute to 3,650 days, got {spec.KeepFor}."
            );
        if (spec.Prefix.Length > MaxPrefix || spec.SubmittedBy.Length > MaxBy)
            throw new InvalidInputException(
                $"job '{id}': expected a prefix of at most {MaxPrefix} and a submitter of at most {MaxBy} characters."
            );
    }

    public static bool AreSame(InferenceJobSpec a, InferenceJobSpec b) =>
        a.Keep.SequenceEqual(b.Keep)
        && a with { Keep = [], SubmittedBy = "" } == b with { Keep = [], SubmittedBy = "" };

    public static CatalogEntry Row(InferenceJobSnapshot job) =>
        CatalogPublisher.Row(
            CatalogKinds.InferenceJob,
            job.Id,
            job.Phase.ToString(),
            job.SubmittedAt,
            new InferenceJobSummary
            {
                Id = job.Id,
                Model = job.Spec.Model,
                Dataset = job.Spec.Dataset,
                Phase = job.Phase,
                RowsDone = job.RowsDone,
                Rows = job.Spec.Rows,
                ResultDataset = job.ResultDataset,
                Error = job.Error is { Length: > MaxRowError } error
                    ? error[..MaxRowError]
                    : job.Error,
                SubmittedAt = job.SubmittedAt,
                EndedAt = job.EndedAt,
            }
        );
}
