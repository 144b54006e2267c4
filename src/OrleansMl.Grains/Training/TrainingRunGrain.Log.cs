using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

internal sealed partial class TrainingRunGrain
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Accepted run {Run} on {Dataset} for {Accelerator}."
    )]
    private static partial void LogSubmitted(
        ILogger logger,
        TrainingRunId run,
        DatasetVersionId dataset,
        string accelerator
    );

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Run {Run} began attempt {Attempt} on {Slot} from step {Step}."
    )]
    private static partial void LogBegan(
        ILogger logger,
        TrainingRunId run,
        int attempt,
        string slot,
        long step
    );

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Attempt {Attempt} of run {Run} ended: {Outcome}; the run is {Phase}. {Error}"
    )]
    private static partial void LogAttemptEnded(
        ILogger logger,
        TrainingRunId run,
        int attempt,
        AttemptOutcome outcome,
        TrainingRunPhase phase,
        string error
    );

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run} ended: {Phase}. {Error}")]
    private static partial void LogEnded(
        ILogger logger,
        TrainingRunId run,
        TrainingRunPhase phase,
        string error
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The model of run {Run} could not be registered; trying again in {Delay}."
    )]
    private static partial void LogRegisterFailed(
        ILogger logger,
        Exception error,
        TrainingRunId run,
        TimeSpan delay
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run} could not release its dataset; it does so when it is next looked at."
    )]
    private static partial void LogReleaseFailed(
        ILogger logger,
        Exception error,
        TrainingRunId run
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run} could not drop its older checkpoints; it does so with the next."
    )]
    private static partial void LogDropFailed(ILogger logger, Exception error, TrainingRunId run);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run} could not stop attempt {Attempt} on {Slot}; its next report stops it."
    )]
    private static partial void LogStopFailed(
        ILogger logger,
        Exception error,
        TrainingRunId run,
        int attempt,
        string slot
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run} could not free the slot of attempt {Attempt}; the pool finds it free by its reports."
    )]
    private static partial void LogFreeFailed(
        ILogger logger,
        Exception error,
        TrainingRunId run,
        int attempt
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run}: attempt {Attempt} is fenced off by a newer one; this activation is out of date and ends."
    )]
    private static partial void LogFenced(
        ILogger logger,
        Exception error,
        TrainingRunId run,
        int attempt
    );
}
