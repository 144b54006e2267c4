using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Schedules;

/// <summary>The learning rate: a pure function of the step, so that it needs no state in a checkpoint.</summary>
public static class LearningRateSchedule
{
    /// <summary>The rate of a step.</summary>
    /// <param name="schedule">Its form.</param>
    /// <param name="peak">The rate that the warm-up ends in.</param>
    /// <param name="step">Steps done before it: 0 for the first.</param>
    /// <param name="length">Steps in all and in an epoch.</param>
    public static double At(ScheduleConfig schedule, double peak, long step, TrainingLength length)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(length);
        if (step < schedule.WarmupSteps)
            return peak * (step + 1) / schedule.WarmupSteps;
        var epochsDone = step / length.StepsPerEpoch;
        return schedule.Kind switch
        {
            ScheduleKind.Constant => peak,
            ScheduleKind.Linear => peak
                * (1 - ((1 - schedule.FinalFraction) * ShareDone(schedule, step, length))),
            ScheduleKind.Cosine => peak
                * (
                    schedule.FinalFraction
                    + (
                        (1 - schedule.FinalFraction)
                        * 0.5
                        * (1 + Math.Cos(Math.PI * ShareDone(schedule, step, length)))
                    )
                ),
            ScheduleKind.Step => peak
                * Math.Pow(schedule.Gamma, epochsDone / Math.Max(1, schedule.StepEpochs)),
            ScheduleKind.Exponential => peak * Math.Pow(schedule.Gamma, epochsDone),
            _ => throw new ArgumentOutOfRangeException(
                nameof(schedule),
                schedule.Kind,
                "unknown schedule"
            ),
        };
    }

    /// <summary>Of the steps after the warm-up, the share done: 0 at the first, 1 at the last.</summary>
    private static double ShareDone(ScheduleConfig schedule, long step, TrainingLength length)
    {
        var last = length.TotalSteps - 1 - schedule.WarmupSteps;
        return last <= 0 ? 1 : Math.Clamp((double)(step - schedule.WarmupSteps) / last, 0, 1);
    }
}
