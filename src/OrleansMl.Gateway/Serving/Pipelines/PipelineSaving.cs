using System.Text;
using Orleans;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Pipelines;

/// <summary>From a document to a registered version. Nothing is saved that doesn't fit its models as they are now.</summary>
internal sealed class PipelineSaving(
    PipelinePlans plans,
    IArtifactStore artifacts,
    IGrainFactory grains
)
{
    public async Task<PipelinePlan> PlanAsync(string text, CancellationToken cancellationToken)
    {
        if (!PipelineDocument.TryParse(text, out var document, out var errors))
            throw Invalid(errors);
        var signatures = await plans.SignaturesAsync(document, cancellationToken);
        return PipelinePlanner.TryPlan(document, signatures, out var plan, out errors)
            ? plan
            : throw Invalid(errors);
    }

    public async Task<ModelVersionSnapshot> SaveAsync(
        string name,
        string text,
        string commandId,
        int? expected,
        string by,
        CancellationToken cancellationToken
    )
    {
        var plan = await PlanAsync(text, cancellationToken);
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var stored = await artifacts.PutAsync(bytes, cancellationToken);
        return await grains
            .GetGrain<IModelGrain>(name)
            .RegisterVersionAsync(
                new ModelRegistration
                {
                    CommandId = commandId,
                    Onnx = stored.Id,
                    Signature = plan.Signature,
                    Lineage = new ModelLineage
                    {
                        Source = $"pipeline of {string.Join(", ", plan.Document.Models)}",
                    },
                    RegisteredBy = by,
                    Pipeline = text,
                    ExpectedLatest = expected,
                },
                cancellationToken
            );
    }

    private static RequestException Invalid(IReadOnlyList<ConfigurationError> errors) =>
        RequestException.InvalidConfig(
            errors.Count == 1
                ? $"The pipeline has an error: {errors[0]}"
                : $"The pipeline has {errors.Count} errors; the first: {errors[0]}",
            [
                .. errors.Select(error => new ApiErrorDetail
                {
                    Line = error.Line,
                    Column = error.Column,
                    Message =
                        error.Path.Length == 0 ? error.Message : $"{error.Path}: {error.Message}",
                }),
            ]
        );
}
