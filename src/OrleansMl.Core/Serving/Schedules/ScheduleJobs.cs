using System.Globalization;

namespace OrleansMl.Core.Serving.Schedules;

/// <summary>The ids of schedules' jobs: one time of one schedule has one, whoever submits it and how often.</summary>
public static class ScheduleJobs
{
    /// <summary>The id of the job of a firing: the schedule's name and when it is due, in UTC.</summary>
    public static string Id(string schedule, DateTimeOffset due) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{schedule}-{due.UtcDateTime:yyyyMMdd}t{due.UtcDateTime:HHmmss}z"
        );

    /// <summary>Who is told to have submitted it.</summary>
    public static string Submitter(string schedule) => $"schedule/{schedule}";
}
