using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Jobs;

/// <summary>From an ask to an accepted job: versions are pinned, and nothing is accepted that can't be run as the data and the model are now.</summary>
internal sealed class JobSubmission(
    BatchPlanner planner,
    ModelSignatures signatures,
    IArtifactStore artifacts,
    IGrainFactory grains,
    TimeProvider time
)
{
    public async Task<InferenceJobSnapshot> SubmitAsync(
        string text,
        string? id,
        Action<string> require,
        string by,
        CancellationToken cancellationToken
    )
    {
        if (!JobDocument.TryParse(text, out var document, out var errors))
            throw DocumentText.Invalid("job", errors);
        require(document.Model.Model);
        var ask = document.ToAsk();
        var (grain, known) = await FindAsync(id, cancellationToken);
        return await grain.SubmitAsync(
            await planner.PlanAsync(
                ask,
                await grains
                    .GetGrain<IDatasetGrain>(ask.Dataset)
                    .GetVersionAsync(BatchPlanner.DatasetVersion(ask, known), cancellationToken),
                known,
                by,
                cancellationToken
            ),
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
        var version = await planner.ResolveAsync(model, reference, known, cancellationToken);
        var signature = await signatures.GetAsync(version, cancellationToken);
        var inputs = TensorValidation.Check(version, signature, request);
        using var content = new MemoryStream(TensorFile.Write(inputs));
        var stored = await artifacts.PutAsync(content, cancellationToken);
        return await grain.SubmitAsync(
            new InferenceJobSpec
            {
                Model = version,
                Request = stored.Id,
                ChunkRows = BatchPlanner.DefaultChunkRows,
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
}
