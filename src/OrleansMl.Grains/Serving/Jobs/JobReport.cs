using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Serving.Jobs;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>Tells the job's grain, again while it moves between silos: what an attempt has stored is not lost to a moment's absence.</summary>
internal sealed class JobReport(IGrainFactory grains, string job, int attempt, TimeProvider time)
    : IJobReport
{
    private const int MaxTries = 10;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private IInferenceJobGrain Grain => grains.GetGrain<IInferenceJobGrain>(job);

    public async Task ChunkAsync(JobChunk chunk, CancellationToken cancellationToken) =>
        Obey(
            await AgainAsync(
                () => Grain.ReportChunkAsync(attempt, chunk, cancellationToken),
                cancellationToken
            )
        );

    public async Task<DatasetVersionId> CommitAsync(
        string dataset,
        DatasetCommit commit,
        CancellationToken cancellationToken
    ) =>
        (
            await AgainAsync(
                () =>
                    grains.GetGrain<IDatasetGrain>(dataset).CommitAsync(commit, cancellationToken),
                cancellationToken
            )
        ).Id;

    public async Task CompleteAsync(JobResult result, CancellationToken cancellationToken) =>
        Obey(
            await AgainAsync(
                () => Grain.CompleteAsync(result, cancellationToken),
                cancellationToken
            )
        );

    public async Task FailAsync(JobFailure failure) =>
        await AgainAsync(
            async () =>
            {
                await Grain.EndAttemptAsync(failure, CancellationToken.None);
                return true;
            },
            CancellationToken.None
        );

    private static void Obey(AttemptDirective directive)
    {
        if (directive is not AttemptDirective.Continue)
            throw new OperationCanceledException(
                directive is AttemptDirective.Cancel
                    ? "The job was cancelled."
                    : "A newer attempt holds the job."
            );
    }

    private async Task<T> AgainAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (Exception error)
                when (tries < MaxTries
                    && error
                        is Contracts.UnavailableException
                            or TimeoutException
                            or OrleansException
                            or IOException
                )
            {
                await Task.Delay(pause, time, cancellationToken);
                pause *= 2;
            }
        }
    }
}
