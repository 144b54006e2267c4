using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>From an ask to what a job is given: names become versions, and what can't be run as the data and the model are now is refused.</summary>
public sealed class BatchPlanner(ModelInvoker invoker, ModelSignatures signatures)
{
    /// <summary>Rows of a chunk where nothing else speaks for fewer or more.</summary>
    public const int DefaultChunkRows = 8_192;

    private const long ChunkBytes = 64L << 20;
    private const int AimedChunks = 2_000;

    /// <summary>The dataset's version to ask for; null: the latest. A repeated submission means what the first one found.</summary>
    public static int? DatasetVersion(BatchAsk ask, InferenceJobSnapshot? known)
    {
        ArgumentNullException.ThrowIfNull(ask);
        return
            ask.DatasetVersion is null
            && known?.Spec.Dataset is { } dataset
            && dataset.Name == ask.Dataset
            ? dataset.Version
            : ask.DatasetVersion;
    }

    /// <summary>Makes the job's spec.</summary>
    /// <param name="ask">What was asked for.</param>
    /// <param name="manifest">The dataset's version of <see cref="DatasetVersion"/>; null where there is none.</param>
    /// <param name="known">The job of the same id, where it was submitted before.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotFoundException">No such model or dataset.</exception>
    /// <exception cref="InvalidInputException">Rows and model don't fit, or there are no rows.</exception>
    public async Task<InferenceJobSpec> PlanAsync(
        BatchAsk ask,
        DatasetManifest? manifest,
        InferenceJobSnapshot? known,
        string by,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(ask);
        if (manifest is null)
            throw new NotFoundException(
                $"There is no dataset {ask.Dataset}@{(ask.DatasetVersion is { } version ? version : "latest")}: import it first."
            );
        var model = await ResolveAsync(ask.Model, ask.Reference, known, cancellationToken);
        var plan = JobPlan.Of(
            await signatures.GetAsync(model, cancellationToken),
            manifest.Schema,
            ask.Keep,
            ask.Prefix
        );
        var rows = ask.Split is null
            ? manifest.Rows
            : manifest.Statistics.FirstOrDefault(s => s.Split == ask.Split)?.Rows ?? 0;
        if (rows == 0)
            throw new InvalidInputException(
                $"Dataset {manifest.Id} has no rows{(ask.Split is null ? "" : $" in the split '{ask.Split}'")}."
            );
        var width = plan
            .Read.Concat(plan.Schema)
            .Sum(column => 16 + (4L * column.Shape.Aggregate(1L, (a, b) => a * b)));
        var fitting = (int)Math.Clamp(ChunkBytes / width, 64, DefaultChunkRows);
        return new InferenceJobSpec
        {
            Model = model,
            Dataset = manifest.Id,
            Split = ask.Split,
            Keep = ask.Keep,
            Prefix = ask.Prefix,
            Output = ask.Output,
            ChunkRows =
                ask.ChunkRows ?? (int)Math.Clamp(manifest.Rows / AimedChunks, fitting, 1_000_000),
            KeepFor = ask.KeepFor,
            Rows = rows,
            SubmittedBy = by,
        };
    }

    /// <summary>The version that a reference names now; a repeated submission means the version that the first one found, whatever an alias points at since.</summary>
    /// <exception cref="NotFoundException">No such model, version or alias.</exception>
    public async Task<ModelVersionId> ResolveAsync(
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
}
