using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

internal sealed partial class TrainingPoolGrain
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Leased {Slot} to run {Run} ({Lease}).")]
    private static partial void LogGranted(
        ILogger logger,
        TrainingRunId run,
        string slot,
        string lease
    );

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Started attempt {Attempt} of run {Run} on {Slot}."
    )]
    private static partial void LogStarted(
        ILogger logger,
        TrainingRunId run,
        int attempt,
        string slot
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The lease of {Slot} by run {Run}, attempt {Attempt}, is lost: {Reason}."
    )]
    private static partial void LogLeaseLost(
        ILogger logger,
        TrainingRunId run,
        int attempt,
        string slot,
        string reason
    );

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} could not be started on {Slot}.")]
    private static partial void LogStartFailed(
        ILogger logger,
        Exception error,
        TrainingRunId run,
        string slot
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run} could not be told that attempt {Attempt} is lost; telling it again."
    )]
    private static partial void LogTellFailed(
        ILogger logger,
        Exception error,
        TrainingRunId run,
        int attempt
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run} could not be stopped on {Slot}; its next report stops it."
    )]
    private static partial void LogStopFailed(
        ILogger logger,
        Exception error,
        TrainingRunId run,
        string slot
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The pool's state could not be written; this activation ends."
    )]
    private static partial void LogSaveFailed(ILogger logger, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The catalogue could not be searched for runs that wait for the pool; trying again."
    )]
    private static partial void LogReconcileFailed(ILogger logger, Exception error);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Run {Run} was {Phase} but unknown to the pool; it goes on."
    )]
    private static partial void LogRepaired(
        ILogger logger,
        TrainingRunId run,
        TrainingRunPhase phase
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {Run} could not be looked after; trying again."
    )]
    private static partial void LogRepairFailed(ILogger logger, Exception error, TrainingRunId run);
}
