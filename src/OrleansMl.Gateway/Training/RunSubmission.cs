using Microsoft.AspNetCore.Http;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Training;

/// <summary>From YAML to an accepted run: read, resolve the dataset, plan against its schema, submit. Nothing is accepted that can't be planned.</summary>
internal sealed class RunSubmission(IGrainFactory grains, TimeProvider time)
{
    public async Task<TrainingRunSnapshot> SubmitAsync(
        string yaml,
        string? runId,
        Action<string> requireModel,
        CancellationToken cancellationToken
    )
    {
        if (!TrainingConfigParser.TryParse(yaml, out var config, out var errors))
            throw Invalid(errors);
        requireModel(config.Model);
        var id = TakeId(runId, config.Name);
        var grain = grains.GetGrain<ITrainingRunGrain>(id.Value);
        // A repeated submission means the version that the first one found, whatever 'latest' has become since.
        var known = runId is null ? null : await grain.GetAsync(cancellationToken);
        if (known is not null && known.Spec.Config == yaml)
            return await grain.SubmitAsync(known.Spec, cancellationToken);
        var dataset =
            await grains
                .GetGrain<IDatasetGrain>(config.Dataset.Name)
                .GetVersionAsync(config.Dataset.Version, cancellationToken)
            ?? throw new NotFoundException(
                $"There is no dataset {config.Dataset}, which the configuration names: import it first."
            );
        if (!TrainingPlanner.TryPlan(config, dataset, out _, out errors))
            throw Invalid(errors);
        return await grain.SubmitAsync(config.ToSpec(dataset.Id), cancellationToken);
    }

    private TrainingRunId TakeId(string? runId, string name)
    {
        if (runId is not null)
            return new TrainingRunId(QueryReading.Name(runId, "training run"));
        var suffix = $"-{time.GetUtcNow():yyyyMMdd-HHmmss}-{Guid.NewGuid().ToString("N")[..6]}";
        var prefix = new string([
            .. name.ToLowerInvariant()
                .Select(c =>
                    char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' ? c : '-'
                )
                .SkipWhile(c => !char.IsAsciiLetterOrDigit(c))
                .Take(ResourceName.MaxLength - suffix.Length),
        ]);
        return new TrainingRunId((prefix.Length > 0 ? prefix : "run") + suffix);
    }

    private static RequestException Invalid(IReadOnlyList<ConfigurationError> errors) =>
        RequestException.InvalidConfig(
            errors.Count == 1
                ? $"The training configuration has an error: {errors[0]}"
                : $"The training configuration has {errors.Count} errors; the first: {errors[0]}",
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
