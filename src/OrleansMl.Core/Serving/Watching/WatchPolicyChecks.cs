using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Says what is wrong with a policy's section <c>watch</c>.</summary>
public static class WatchPolicyChecks
{
    private const int MaxNames = 1_000;
    private const int MaxRules = 50;

    /// <summary>The problems, each with the key's name.</summary>
    public static IEnumerable<string> Problems(WatchPolicy? watch)
    {
        if (watch is null)
            return [];
        return
        [
            .. Share("sample", watch.Sample),
            .. Within("windowSeconds", watch.WindowSeconds, 10, 86_400),
            .. Within("keptWindows", watch.KeptWindows, 1, 96),
            .. Within("bins", watch.Bins, 2, 50),
            .. DatasetSplits.Names.Contains(watch.ReferenceSplit)
                ? []
                : One(
                    $"referenceSplit: expected train, validation or test, got '{watch.ReferenceSplit}'."
                ),
            .. Names("columns", watch.Columns?.Values),
            .. Outliers(watch.Outliers),
            .. Payloads(watch.Payloads),
            .. Quality(watch.Quality),
            .. Rules(watch),
        ];
    }

    private static IEnumerable<string> Outliers(OutlierPolicy? outliers) =>
        outliers is null
            ? []
            :
            [
                .. Above("outliers.threshold", outliers.Threshold),
                .. Within("outliers.examples", outliers.Examples, 0, 100),
            ];

    private static IEnumerable<string> Payloads(PayloadPolicy? payloads) =>
        payloads is null
            ? []
            :
            [
                .. Share("payloads.sample", payloads.Sample),
                .. payloads.Dataset is null || ResourceName.IsValid(payloads.Dataset)
                    ? []
                    : One(
                        $"payloads.dataset: expected a data set's name (lower-case letters, digits, '.', '_' and '-'), got '{payloads.Dataset}'."
                    ),
                .. Names("payloads.exclude", payloads.Exclude),
                .. Within("payloads.flushRows", payloads.FlushRows, 1, 1_000_000),
                .. Within("payloads.flushSeconds", payloads.FlushSeconds, 1, 86_400),
                .. Within(
                    "payloads.maxBufferedBytes",
                    payloads.MaxBufferedBytes,
                    64 << 10,
                    1 << 30
                ),
                .. Within("payloads.maxRows", payloads.MaxRows, 1, 100_000_000),
                .. Within("payloads.keptVersions", payloads.KeptVersions, 2, 500),
            ];

    private static IEnumerable<string> Quality(QualityPolicy? quality) =>
        quality is null
            ? []
            :
            [
                .. Share("quality.sample", quality.Sample),
                .. Within("quality.windowSeconds", quality.WindowSeconds, 60, 604_800),
                .. Within("quality.keptWindows", quality.KeptWindows, 1, 200),
                .. Within("quality.maxPredictions", quality.MaxPredictions, 1, 100_000_000),
            ];

    private static string[] Rules(WatchPolicy watch)
    {
        if (watch.Alerts is not { } rules || rules.Count > MaxRules)
            return One(
                $"alerts: expected a list of at most {MaxRules} rules, got {(watch.Alerts is null ? "null" : watch.Alerts.Count)}."
            );
        return
        [
            .. rules.SelectMany((rule, i) => Rule($"alerts[{i}]", rule, watch)),
            .. rules
                .Where(rule => rule is not null)
                .GroupBy(rule => rule.Name)
                .Where(group => group.Count() > 1)
                .Select(group => $"watch.alerts: the name '{group.Key}' is there twice."),
        ];
    }

    private static string[] Rule(string where, AlertRule? rule, WatchPolicy watch)
    {
        if (rule is null)
            return One($"{where}: expected a rule, got null.");
        var isQuality = QualityMeasures.IsQuality(rule.Measure);
        var isWhole = isQuality || rule.Measure == WatchMeasure.OutlierShare;
        return
        [
            .. ResourceName.IsValid(rule.Name)
                ? []
                : One(
                    $"{where}.name: expected lower-case letters, digits, '.', '_' and '-', got '{rule.Name}'."
                ),
            .. Enum.IsDefined(rule.Measure)
                ? []
                : One($"{where}.measure: expected a measure's name, got {(int)rule.Measure}."),
            .. (rule.Above is null) != (rule.Below is null)
                ? []
                : One($"{where}: expected one of above and below."),
            .. double.IsFinite(rule.Above ?? rule.Below ?? 0)
                ? []
                : One($"{where}: expected a finite bound, got {rule.Above ?? rule.Below}."),
            .. isWhole && rule.Feature is not null
                ? One(
                    $"{where}.feature: {rule.Measure} is of the whole model; leave the feature out."
                )
                : [],
            .. isWhole && !isQuality && watch.Outliers is null
                ? One($"{where}: {rule.Measure} needs the section watch.outliers.")
                : [],
            .. isQuality && watch.Quality is null
                ? One($"{where}: {rule.Measure} needs the section watch.quality.")
                : [],
            .. rule.Baseline is { } named && (!isQuality || !ResourceName.IsValid(named))
                ? One(
                    $"{where}.baseline: expected an alias or a version's number, for a measure of quality, got '{named}'."
                )
                : [],
            .. Within(
                $"{where}.windows",
                rule.Windows,
                1,
                isQuality && watch.Quality is { } quality ? quality.KeptWindows : watch.KeptWindows
            ),
            .. Within($"{where}.forWindows", rule.ForWindows, 1, 96),
            .. Within($"{where}.minimumSamples", rule.MinimumSamples, 1, long.MaxValue),
        ];
    }

    private static string[] Names(string key, IEnumerable<string>? names) =>
        names is null || names.Count() > MaxNames || names.Any(string.IsNullOrEmpty)
            ? One($"{key}: expected at most {MaxNames} names, none of them empty.")
            : [];

    private static string[] Share(string key, double value) =>
        value > 0 && value <= 1 ? [] : One($"{key}: expected a share above 0 to 1, got {value}.");

    private static string[] Above(string key, double value) =>
        value > 0 && double.IsFinite(value)
            ? []
            : One($"{key}: expected a finite number above 0, got {value}.");

    private static string[] Within(string key, long value, long least, long most) =>
        value >= least && value <= most
            ? []
            : One($"{key}: expected {least} to {most}, got {value}.");

    private static string[] One(string problem) => [$"watch.{problem}"];
}
