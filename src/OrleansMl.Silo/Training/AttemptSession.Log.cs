using OrleansMl.Contracts.Training;

namespace OrleansMl.Silo.Training;

internal sealed partial class AttemptSession
{
    [LoggerMessage(
        LogLevel.Information,
        "Run {Run}, attempt {Attempt}: slot {Slot} started worker process {ProcessId}"
    )]
    private partial void LogStarted(TrainingRunId run, int attempt, string slot, int processId);

    [LoggerMessage(
        LogLevel.Information,
        "Run {Run}, attempt {Attempt}: ended on slot {Slot}: {Outcome}"
    )]
    private partial void LogEnded(
        TrainingRunId run,
        int attempt,
        string slot,
        AttemptOutcome outcome
    );

    [LoggerMessage(LogLevel.Error, "Run {Run}, attempt {Attempt}: the supervisor failed")]
    private partial void LogBroken(Exception exception, TrainingRunId run, int attempt);

    [LoggerMessage(
        LogLevel.Error,
        "Run {Run}, attempt {Attempt}: its end could not be delivered; the pool will find the slot idle"
    )]
    private partial void LogUndelivered(Exception exception, TrainingRunId run, int attempt);

    [LoggerMessage(
        LogLevel.Debug,
        "{Message} did not reach the worker of run {Run}, attempt {Attempt}: {Error}"
    )]
    private partial void LogUnsent(string message, TrainingRunId run, int attempt, string error);

    [LoggerMessage(LogLevel.Warning, "The scratch folder '{Path}' could not be deleted: {Error}")]
    private partial void LogScratchLeft(string path, string error);
}
