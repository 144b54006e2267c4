using OrleansMl.Contracts;
using OrleansMl.Core.Artifacts;
using Polly;
using Polly.Retry;

namespace OrleansMl.Silo.Training;

/// <summary>How reports are tried again while the cluster, the database or the artifact store is away.</summary>
internal static class ReportRetry
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>Retries until it succeeds, fails for good, or the patience is over.</summary>
    public static ResiliencePipeline Create(
        TimeSpan patience,
        TimeProvider time,
        Action<int, Exception> onRetry
    ) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(patience)
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = args =>
                        ValueTask.FromResult(IsTransient(args.Outcome.Exception)),
                    MaxRetryAttempts = int.MaxValue,
                    Delay = FirstDelay,
                    MaxDelay = LongestDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    OnRetry = args =>
                    {
                        onRetry(args.AttemptNumber, args.Outcome.Exception!);
                        return ValueTask.CompletedTask;
                    },
                }
            )
            .Build();

    /// <summary>Whether another try may end otherwise. An error of a database or of Orleans that this process can't name comes through as some exception of theirs, so only what is known to be final is.</summary>
    public static bool IsTransient(Exception? exception) =>
        exception
            is not (
                null
                or OperationCanceledException
                or InvalidInputException
                or NotFoundException
                or ConflictException
                or StaleAttemptException
                or ArtifactNotFoundException
                or ArtifactCorruptException
                or FileNotFoundException
                or DirectoryNotFoundException
                or UnauthorizedAccessException
            );
}
