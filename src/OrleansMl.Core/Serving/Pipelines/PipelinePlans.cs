using System.Collections.Concurrent;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>The plans of pipelines, and which versions are none. A version never changes, so that what is remembered needs no check. Thread-safe.</summary>
public sealed class PipelinePlans(IModelSource source)
{
    private const int MaxRemembered = 16_384;
    private readonly ConcurrentDictionary<ModelVersionId, PipelinePlan?> _plans = new();

    /// <summary>Whether it is known what the version is; a null plan says that it is no pipeline.</summary>
    public bool TryGet(ModelVersionId version, out PipelinePlan? plan) =>
        _plans.TryGetValue(version, out plan);

    /// <summary>The version's plan; null when it is no pipeline, or there is none.</summary>
    /// <exception cref="UnavailableException">A model that it names is gone or has changed so that it no longer fits.</exception>
    public async ValueTask<PipelinePlan?> GetAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        if (_plans.TryGetValue(version, out var known))
            return known;
        if (await source.FindVersionAsync(version, cancellationToken) is not { } record)
            return null;
        PipelinePlan? plan = null;
        if (record.Pipeline is { } text)
        {
            if (
                !PipelineDocument.TryParse(text, out var document, out var errors)
                || !PipelinePlanner.TryPlan(
                    document,
                    await SignaturesAsync(document, cancellationToken),
                    out plan,
                    out errors
                )
            )
                throw new UnavailableException(
                    $"The pipeline {version} no longer fits its models: {Text(errors)} Save it anew, or move the models' aliases back."
                );
        }
        if (_plans.Count >= MaxRemembered)
            _plans.Clear();
        return _plans[version] = plan;
    }

    /// <summary>What the models that a document names take and give now; null where there is no such model, or it is a pipeline itself.</summary>
    public async Task<IReadOnlyDictionary<ModelStepReference, ModelSignature?>> SignaturesAsync(
        PipelineDocument document,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        var signatures = new Dictionary<ModelStepReference, ModelSignature?>();
        foreach (var model in document.Models)
            signatures[model] = await FindAsync(model, cancellationToken);
        return signatures;
    }

    private async Task<ModelSignature?> FindAsync(
        ModelStepReference model,
        CancellationToken cancellationToken
    )
    {
        if (await source.FindAsync(model.Model, cancellationToken) is not { } snapshot)
            return null;
        try
        {
            var version = ModelRoutes.Resolve(snapshot, model.Reference);
            var record = await source.FindVersionAsync(version, cancellationToken);
            if (record?.Pipeline is not null)
                throw new InvalidInputException(
                    $"{model} is a pipeline, and a pipeline's steps are models; put its steps here in its place."
                );
            return record?.Signature;
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <summary>The first error, and how many more there are.</summary>
    public static string Text(IReadOnlyList<ConfigurationError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        return errors.Count == 1 ? $"{errors[0]}" : $"{errors[0]} (and {errors.Count - 1} more.)";
    }
}
