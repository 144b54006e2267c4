using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Serving.Jobs;

namespace OrleansMl.Grains.Serving.Schedules;

/// <summary>The jobs of schedules: submits one, asks whether it goes on, cancels it.</summary>
internal sealed class ScheduledBatches(IGrainFactory grains, BatchPlanner planner)
{
    /// <summary>Submits the job; the same id again is the same job, with the versions that the first submission found.</summary>
    public async Task SubmitAsync(
        string job,
        BatchAsk ask,
        string by,
        CancellationToken cancellationToken
    )
    {
        var grain = grains.GetGrain<IInferenceJobGrain>(job);
        var known = await grain.GetAsync(cancellationToken);
        if (known is not null && known.Spec.SubmittedBy != by)
            throw new ConflictException($"The id '{job}' is another job's.");
        // What was submitted before stands, even if the schedule says something else since.
        var spec =
            known?.Spec
            ?? await planner.PlanAsync(
                ask,
                await grains
                    .GetGrain<IDatasetGrain>(ask.Dataset)
                    .GetVersionAsync(BatchPlanner.DatasetVersion(ask, known), cancellationToken),
                known,
                by,
                cancellationToken
            );
        await grain.SubmitAsync(spec, cancellationToken);
    }

    /// <summary>Whether the job waits or runs.</summary>
    public async Task<bool> GoesOnAsync(string? job, CancellationToken cancellationToken) =>
        job is not null
        && await grains.GetGrain<IInferenceJobGrain>(job).GetAsync(cancellationToken)
            is { Phase: InferenceJobPhase.Queued or InferenceJobPhase.Running };

    /// <summary>Cancels the job where there is one.</summary>
    public async Task CancelAsync(string job, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IInferenceJobGrain>(job);
        if (await grain.GetAsync(cancellationToken) is not null)
            await grain.CancelAsync(cancellationToken);
    }
}
