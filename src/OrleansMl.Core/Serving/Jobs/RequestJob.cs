using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving.Pipelines;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>Answers a stored request: by rows, chunk by chunk, where all the model's tensors have rows as a variable first dimension; else in one call.</summary>
public sealed class RequestJob(JobCalls calls, ILocalArtifacts artifacts, IArtifactStore store)
{
    /// <summary>The rows of a request to a model; 1 where the model has no rows.</summary>
    public static long RowsOf(ModelSignature signature, IReadOnlyList<InferenceTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return HasRows(signature) && inputs.Count > 0 && inputs[0].Shape.Count > 0
            ? inputs[0].Shape[0]
            : 1;
    }

    /// <summary>Does what is left of the job.</summary>
    /// <exception cref="InvalidInputException">The model refused the values.</exception>
    public async Task<JobResult> RunAsync(
        InferenceJobSnapshot job,
        ModelSignature signature,
        int batchRows,
        IJobReport report,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(report);
        var spec = job.Spec;
        var inputs = await ReadAsync(spec.Request!.Value, cancellationToken);
        var step = HasRows(signature) ? spec.ChunkRows : 1;
        List<JobChunk> chunks = [.. job.Chunks];
        for (
            var row = chunks.Sum(chunk => chunk.Rows);
            row < spec.Rows;
            row = chunks.Sum(chunk => chunk.Rows)
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = (int)Math.Min(step, spec.Rows - row);
            var outputs = HasRows(signature)
                ? await AnswerAsync(
                    spec.Model,
                    inputs,
                    (int)row,
                    rows,
                    batchRows,
                    cancellationToken
                )
                : await calls.CallAsync(spec.Model, inputs, cancellationToken);
            var stored = await PutAsync(outputs, cancellationToken);
            var chunk = new JobChunk
            {
                Index = chunks.Count,
                Artifact = stored.Id,
                Rows = rows,
                Bytes = stored.Bytes,
            };
            await report.ChunkAsync(chunk, cancellationToken);
            chunks.Add(chunk);
        }
        return new JobResult
        {
            Attempt = job.Attempt,
            Result = await JoinAsync(chunks, cancellationToken),
        };
    }

    private async Task<IReadOnlyList<InferenceTensor>> AnswerAsync(
        ModelVersionId model,
        IReadOnlyList<InferenceTensor> inputs,
        int from,
        int rows,
        int batchRows,
        CancellationToken cancellationToken
    )
    {
        List<IReadOnlyList<InferenceTensor>> parts = [];
        for (var row = 0; row < rows; row += batchRows)
        {
            var start = from + row;
            var count = Math.Min(batchRows, rows - row);
            var some = await JobCalls.OffPoolAsync(
                () => Take(inputs, start, count),
                cancellationToken
            );
            parts.Add(await calls.CallAsync(model, some, cancellationToken));
        }
        return await JobCalls.OffPoolAsync(() => Join(parts), cancellationToken);
    }

    private async Task<ArtifactId> JoinAsync(
        List<JobChunk> chunks,
        CancellationToken cancellationToken
    )
    {
        if (chunks.Count == 1)
            return chunks[0].Artifact!.Value;
        List<IReadOnlyList<InferenceTensor>> parts = [];
        foreach (var chunk in chunks)
            parts.Add(await ReadAsync(chunk.Artifact!.Value, cancellationToken));
        var joined = await JobCalls.OffPoolAsync(() => Join(parts), cancellationToken);
        return (await PutAsync(joined, cancellationToken)).Id;
    }

    private async Task<IReadOnlyList<InferenceTensor>> ReadAsync(
        ArtifactId artifact,
        CancellationToken cancellationToken
    )
    {
        using var file = await artifacts.AcquireAsync(artifact, cancellationToken);
        return await JobCalls.OffPoolAsync(
            () => TensorFile.Read(File.ReadAllBytes(file.Path)),
            cancellationToken
        );
    }

    private async Task<ArtifactInfo> PutAsync(
        IReadOnlyList<InferenceTensor> tensors,
        CancellationToken cancellationToken
    )
    {
        using var content = new MemoryStream(TensorFile.Write(tensors));
        return await store.PutAsync(content, cancellationToken);
    }

    private static bool HasRows(ModelSignature signature) =>
        signature
            .Inputs.Concat(signature.Outputs)
            .All(tensor => tensor.Shape.Count > 0 && tensor.Shape[0] < 0);

    private static List<InferenceTensor> Take(
        IReadOnlyList<InferenceTensor> tensors,
        int from,
        int rows
    )
    {
        int[] positions = [.. Enumerable.Range(from, rows)];
        return [.. tensors.Select(tensor => TensorRows.Take(tensor, positions))];
    }

    private static IReadOnlyList<InferenceTensor> Join(List<IReadOnlyList<InferenceTensor>> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        List<InferenceTensor> joined = [];
        for (var i = 0; i < parts[0].Count; i++)
        {
            var sources = parts.ConvertAll(part => part[i]);
            List<int> source = [];
            List<int> position = [];
            for (var part = 0; part < sources.Count; part++)
            {
                for (var row = 0; row < sources[part].Shape[0]; row++)
                {
                    source.Add(part);
                    position.Add(row);
                }
            }
            joined.Add(TensorRows.Merge(sources, source.ToArray(), position.ToArray()));
        }
        return joined;
    }
}
