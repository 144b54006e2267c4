using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Schedules;

/// <summary>The definition of a schedule, YAML or JSON: when, and a batch job's definition.</summary>
public static class ScheduleDocument
{
    private const int DaySeconds = 24 * 60 * 60;
    private const string TimePattern =
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([.][0-9]{1,7})?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?$";

    private static readonly ObjectRule Keys = new(
        new KeyRule(
            "cron",
            new TextRule("a cron expression of five fields", 100),
            "Minute, hour, day of month, month and day of week, or a macro such as @daily."
        )
        {
            Required = true,
        },
        new KeyRule(
            "time_zone",
            new TextRule("an IANA time zone", 100),
            "The time zone in which the expression is read."
        )
        {
            Default = "UTC",
        },
        new KeyRule("batch", JobDocument.Keys, "What is scored, as a batch job's definition.")
        {
            Required = true,
        },
        new KeyRule(
            "overlap",
            new ChoiceRule("skip", "queue", "cancel"),
            "What becomes of a firing while an earlier one's job has not ended."
        )
        {
            Default = "skip",
        },
        new KeyRule(
            "misfire",
            new ChoiceRule("fire_once", "skip"),
            "What becomes of firings that nobody was there for."
        )
        {
            Default = "fire_once",
        },
        new KeyRule(
            "misfire_seconds",
            new IntegerRule(60, 30L * DaySeconds),
            "How late a firing may be before it counts as missed."
        )
        {
            Default = 300L,
        },
        new KeyRule(
            "jitter_seconds",
            new IntegerRule(0, 3_600),
            "Each firing comes up to so much later."
        )
        {
            Default = 0L,
        },
        new KeyRule("from", Time(), "No firing is due before; without an offset it is UTC.")
        {
            Unset = "no bound",
        },
        new KeyRule("until", Time(), "No firing is due after; without an offset it is UTC.")
        {
            Unset = "no bound",
        },
        new KeyRule("paused", new FlagRule(), "Nothing fires while it is true.") { Default = false }
    );

    /// <summary>Reads a definition; false with every error when something is wrong.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out BatchScheduleSpec? spec,
        out IReadOnlyList<ConfigurationError> errors
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        var reading = new ConfigReading(PipelineLimits.Document);
        var values = ConfigDocumentReader.Read(text, reading.Limits, reading) is { } root
            ? Keys.Read(root, "", reading) as ConfigValues
            : null;
        spec = values is null || reading.Failed ? null : Bind(values, reading);
        errors = reading.Errors();
        if (reading.Failed)
            spec = null;
        return spec is not null;
    }

    private static BatchScheduleSpec Bind(ConfigValues values, ConfigReading reading) =>
        new()
        {
            Cron = values.Text("cron"),
            TimeZone = values.Text("time_zone"),
            Batch = JobDocument.Bind(values.Mapping("batch")).ToAsk(),
            Overlap = values.Choice<OverlapPolicy>("overlap"),
            Misfire = values.Choice<MisfirePolicy>("misfire"),
            MisfireAfter = TimeSpan.FromSeconds(values.Long("misfire_seconds")),
            Jitter = TimeSpan.FromSeconds(values.Long("jitter_seconds")),
            From = TimeOf("from", values, reading),
            Until = TimeOf("until", values, reading),
            Paused = values.Flag("paused"),
        };

    private static DateTimeOffset? TimeOf(string key, ConfigValues values, ConfigReading reading)
    {
        if (values.OptionalText(key) is not { } text)
            return null;
        if (
            DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time
            )
        )
            return time;
        reading.ReportKey(
            values.Path,
            key,
            $"expected a time that exists, such as 2027-03-01T00:00:00Z, got '{text}'."
        );
        return null;
    }

    private static TextRule Time() => new("a time such as 2027-03-01T00:00:00Z", 40, TimePattern);
}
