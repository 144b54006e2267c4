using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>Works on a job from the beginning of an attempt to its end, and tells the job's grain how it ended.</summary>
internal sealed partial class JobAttempts(
    IGrainFactory grains,
    DatasetJob datasets,
    RequestJob requests,
    ModelSignatures signatures,
    IOptions<JobOptions> options,
    TimeProvider time,
    ILogger<JobAttempts> logger
)
{
    public async Task RunAsync(string job, string silo, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IInferenceJobGrain>(job);
        if (await grain.BeginAttemptAsync(silo, cancellationToken) is not { } begun)
            return;
        var report = new JobReport(grains, job, begun.Attempt, time);
        JobFailure failure;
        try
        {
            await report.CompleteAsync(
                await WorkAsync(begun, report, cancellationToken),
                CancellationToken.None
            );
            return;
        }
        catch (Exception error)
        {
            LogEnded(logger, error, job, begun.Attempt);
            failure = new JobFailure
            {
                Attempt = begun.Attempt,
                Error = error.Message,
                MayRetry =
                    error is not (InvalidInputException or NotFoundException or ConflictException),
                Stopped = error is OperationCanceledException,
            };
        }
        await report.FailAsync(failure);
    }

    private async Task<JobResult> WorkAsync(
        InferenceJobSnapshot job,
        JobReport report,
        CancellationToken cancellationToken
    )
    {
        var signature = await signatures.GetAsync(job.Spec.Model, cancellationToken);
        var batchRows = options.Value.BatchRows;
        if (job.Spec.Dataset is not { } dataset)
            return await requests.RunAsync(job, signature, batchRows, report, cancellationToken);
        var manifest =
            await grains
                .GetGrain<IDatasetGrain>(dataset.Name)
                .GetVersionAsync(dataset.Version, cancellationToken)
            ?? throw new NotFoundException($"There is no dataset version {dataset}.");
        return await datasets.RunAsync(
            job,
            manifest,
            signature,
            batchRows,
            report,
            cancellationToken
        );
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Job {Job}: attempt {Attempt} ended without a result."
    )]
    private static partial void LogEnded(ILogger logger, Exception error, string job, int attempt);
}
