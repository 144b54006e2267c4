using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Jobs;

/// <summary>From an ask to an accepted job: versions are pinned, and nothing is accepted that can't be run as the data and the model are now.</summary>
internal sealed class JobSubmission(
    ModelInvoker invoker,
    ModelSignatures signatures,
    IArtifactStore artifacts,
    IGrainFactory grains,
    TimeProvider time
)
{
    private const int DefaultChunkRows = 8_192;
    private const long ChunkBytes = 64L << 20;
    private const int AimedChunks = 2_000;

    public async Task<InferenceJobSnapshot> SubmitAsync(
        string text,
        string? id,
        Action<string> require,
        string by,
        CancellationToken cancellationToken
    )
    {
        if (!JobDocument.TryParse(text, out var document, out var errors))
            throw RequestException.InvalidConfig(
                $"The job has {(errors.Count == 1 ? "an error" : $"{errors.Count} errors; the first")}: {errors[0]}",
                [
                    .. errors.Select(error => new ApiErrorDetail
                    {
                        Line = error.Line,
                        Column = error.Column,
                        Message = $"{error.Path}: {error.Message}",
                    }),
                ]
            );
        require(document.Model.Model);
        var (grain, known) = await FindAsync(id, cancellationToken);
        var manifest = await ManifestAsync(document, known, cancellationToken);
        var model = await ModelAsync(
            document.Model.Model,
            document.Model.Reference,
            known,
            cancellationToken
        );
        var plan = JobPlan.Of(
            await signatures.GetAsync(model, cancellationToken),
            manifest.Schema,
            document.Keep,
            document.Prefix
        );
        var rows = document.Split is null
            ? manifest.Rows
            : manifest.Statistics.FirstOrDefault(s => s.Split == document.Split)?.Rows ?? 0;
        if (rows == 0)
            throw new InvalidInputException(
                $"Dataset {manifest.Id} has no rows in the split '{document.Split}'."
            );
        var width = plan
            .Read.Concat(plan.Schema)
            .Sum(column => 16 + (4L * column.Shape.Aggregate(1L, (a, b) => a * b)));
        var fitting = (int)Math.Clamp(ChunkBytes / width, 64, DefaultChunkRows);
        return await grain.SubmitAsync(
            new InferenceJobSpec
            {
                Model = model,
                Dataset = manifest.Id,
                Split = document.Split,
                Keep = document.Keep,
                Prefix = document.Prefix,
                Output = document.Output,
                ChunkRows =
                    document.ChunkRows
                    ?? (int)Math.Clamp(manifest.Rows / AimedChunks, fitting, 1_000_000),
                KeepFor = document.KeepFor,
                Rows = rows,
                SubmittedBy = by,
            },
            cancellationToken
        );
    }

    public async Task<InferenceJobSnapshot> SubmitAsync(
        string model,
        string reference,
        InferenceRequest request,
        string? id,
        TimeSpan? keepFor,
        string by,
        CancellationToken cancellationToken
    )
    {
        var (grain, known) = await FindAsync(id, cancellationToken);
        var version = await ModelAsync(model, reference, known, cancellationToken);
        var signature = await signatures.GetAsync(version, cancellationToken);
        var inputs = TensorValidation.Check(version, signature, request);
        using var content = new MemoryStream(TensorFile.Write(inputs));
        var stored = await artifacts.PutAsync(content, cancellationToken);
        return await grain.SubmitAsync(
            new InferenceJobSpec
            {
                Model = version,
                Request = stored.Id,
                ChunkRows = DefaultChunkRows,
                KeepFor = keepFor,
                Rows = RequestJob.RowsOf(signature, inputs),
                SubmittedBy = by,
            },
            cancellationToken
        );
    }

    private async Task<(IInferenceJobGrain Grain, InferenceJobSnapshot? Known)> FindAsync(
        string? id,
        CancellationToken cancellationToken
    )
    {
        if (id is null)
            return (
                grains.GetGrain<IInferenceJobGrain>(
                    $"job-{time.GetUtcNow():yyyyMMdd-HHmmss}-{Guid.NewGuid().ToString("N")[..8]}"
                ),
                null
            );
        var grain = grains.GetGrain<IInferenceJobGrain>(QueryReading.Name(id, "job"));
        return (grain, await grain.GetAsync(cancellationToken));
    }

    // A repeated submission means the version that the first one found, whatever the alias points at since.
    private async Task<ModelVersionId> ModelAsync(
        string model,
        string reference,
        InferenceJobSnapshot? known,
        CancellationToken cancellationToken
    ) =>
        known?.Spec.Model is { } version && version.Name == model && !int.TryParse(reference, out _)
            ? version
            : (
                await invoker.RouteAsync(new InferenceCall(model, reference), cancellationToken)
            ).Version;

    private async Task<DatasetManifest> ManifestAsync(
        JobDocument document,
        InferenceJobSnapshot? known,
        CancellationToken cancellationToken
    )
    {
        var (name, version) = (document.Dataset.Name, document.Dataset.Version);
        if (version is null && known?.Spec.Dataset is { } dataset && dataset.Name == name)
            version = dataset.Version;
        return await grains
                .GetGrain<IDatasetGrain>(name)
                .GetVersionAsync(version, cancellationToken)
            ?? throw new NotFoundException(
                $"There is no dataset {document.Dataset}: import it first."
            );
    }
}
