using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Grains.Serving.Schedules;

internal sealed partial class BatchScheduleGrain
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Schedule {Schedule}: the firing of {Due} is {Outcome} (job {Job}): {Error}"
    )]
    private static partial void LogFiring(
        ILogger logger,
        string schedule,
        DateTimeOffset due,
        FiringOutcome outcome,
        string job,
        string error
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Schedule {Schedule}: the job of the firing of {Due} could not be submitted; trying again in a minute."
    )]
    private static partial void LogSubmitFailed(
        ILogger logger,
        Exception error,
        string schedule,
        DateTimeOffset due
    );
}
