using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>
/// Scores a dataset version chunk by chunk, in the rows' order: one row out for each row in. A chunk is stored and recorded before
/// the next one is; an attempt goes on after the last recorded one, and makes of the same chunk the same file.
/// </summary>
public sealed class DatasetJob(JobCalls calls, IDatasetShards shards, ILocalArtifacts artifacts)
{
    /// <summary>Does what is left of the job.</summary>
    /// <param name="job">The job as the attempt began.</param>
    /// <param name="manifest">Its dataset version.</param>
    /// <param name="signature">Its model's.</param>
    /// <param name="batchRows">Rows of one call of the model.</param>
    /// <param name="report">Where the work goes.</param>
    /// <param name="cancellationToken">Stops it after the call under way.</param>
    /// <exception cref="InvalidInputException">A row can't be scored.</exception>
    public async Task<JobResult> RunAsync(
        InferenceJobSnapshot job,
        DatasetManifest manifest,
        ModelSignature signature,
        int batchRows,
        IJobReport report,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(report);
        var spec = job.Spec;
        var plan = JobPlan.Of(signature, manifest.Schema, spec.Keep, spec.Prefix);
        List<JobChunk> chunks = [.. job.Chunks];
        var places = JobPlan.Chunks(manifest, spec.ChunkRows).Skip(chunks.Count);
        foreach (var (shard, skip, take) in places)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chunk = await ScoreAsync(
                plan,
                spec,
                manifest.Shards[shard].Artifact,
                (skip, take),
                batchRows,
                cancellationToken
            ) with
            {
                Index = chunks.Count,
            };
            await report.ChunkAsync(chunk, cancellationToken);
            chunks.Add(chunk);
        }
        return new JobResult
        {
            Attempt = job.Attempt,
            Dataset = spec.Output is { } output
                ? await report.CommitAsync(
                    output,
                    await CommitOfAsync(job, plan, chunks, cancellationToken),
                    cancellationToken
                )
                : null,
        };
    }

    private async Task<JobChunk> ScoreAsync(
        JobPlan plan,
        InferenceJobSpec spec,
        ArtifactId shard,
        (long Skip, long Take) place,
        int batchRows,
        CancellationToken cancellationToken
    )
    {
        List<ScoredRows> scored = [];
        using (var file = await artifacts.AcquireAsync(shard, cancellationToken))
        {
            var read = await JobCalls.OffPoolAsync(
                () => Read(plan, spec.Split, file.Path, place, batchRows),
                cancellationToken
            );
            foreach (var (batch, rows, inputs) in read)
                scored.Add(
                    new ScoredRows(
                        batch,
                        rows,
                        await calls.CallAsync(spec.Model, inputs, cancellationToken)
                    )
                );
        }
        var count = scored.Sum(part => part.Rows.Length);
        if (count == 0)
            return new JobChunk { Index = 0, Rows = 0 };
        var batches = await JobCalls.OffPoolAsync(
            () => scored.ConvertAll(part => part.ToBatch(plan)),
            cancellationToken
        );
        var stored = await shards.StoreAsync(plan.Schema, batches, cancellationToken);
        return new JobChunk
        {
            Index = 0,
            Artifact = stored.Artifact,
            Rows = stored.Rows,
            Bytes = stored.Bytes,
        };
    }

    private List<(DatasetBatch Batch, int[] Rows, IReadOnlyList<InferenceTensor> Inputs)> Read(
        JobPlan plan,
        string? split,
        string path,
        (long Skip, long Take) place,
        int batchRows
    )
    {
        List<(DatasetBatch, int[], IReadOnlyList<InferenceTensor>)> parts = [];
        byte? wanted =
            split is null ? null
            : DatasetSplits.TryParse(split, out var parsed) ? parsed
            : throw new InvalidInputException($"'{split}' is no split.");
        foreach (var batch in shards.ReadRows(path, plan.Read, place.Skip, place.Take))
        {
            var rows = Enumerable
                .Range(0, batch.Rows)
                .Where(row => wanted is null || batch.Splits[row] == wanted);
            foreach (var some in rows.Chunk(batchRows))
                parts.Add((batch, some, plan.Inputs.ToTensors(batch.Columns, some)));
        }
        return parts;
    }

    private async Task<DatasetCommit> CommitOfAsync(
        InferenceJobSnapshot job,
        JobPlan plan,
        List<JobChunk> chunks,
        CancellationToken cancellationToken
    )
    {
        var statistics = new DatasetStatistics(plan.Schema, new StatisticsLimits());
        List<DatasetShard> files = [];
        foreach (var chunk in chunks)
        {
            if (chunk.Artifact is not { } artifact)
                continue;
            using var file = await artifacts.AcquireAsync(artifact, cancellationToken);
            await JobCalls.OffPoolAsync(
                () =>
                {
                    foreach (var batch in shards.ReadRows(file.Path, plan.Schema, 0, long.MaxValue))
                        statistics.Add(batch);
                    return true;
                },
                cancellationToken
            );
            files.Add(
                new DatasetShard
                {
                    Artifact = artifact,
                    Rows = chunk.Rows,
                    Bytes = chunk.Bytes,
                    SinceVersion = 0,
                }
            );
        }
        var spec = job.Spec;
        return new DatasetCommit
        {
            CommandId = $"job/{job.Id}",
            Schema =
            [
                .. plan.Schema.Select(
                    (column, i) => column with { Nullable = statistics.HasMissing(i) }
                ),
            ],
            NewShards = files,
            Splits = new SplitPolicy { Kind = SplitKind.Given },
            Statistics = statistics.ToStatistics(),
            Source =
                $"{spec.Model} over {spec.Dataset}{(spec.Split is null ? "" : $", split {spec.Split}")}",
            Lineage = new DatasetLineage
            {
                Model = spec.Model,
                Input = spec.Dataset!.Value,
                Split = spec.Split,
                Job = job.Id,
            },
        };
    }
}
