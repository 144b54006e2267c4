using System.CommandLine;
using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Cli.Models;

/// <summary><c>oml model watch</c> and <c>oml model alerts</c>.</summary>
internal static class ModelWatchCommands
{
    public static Command Watch(CliEnvironment environment)
    {
        var model = Model();
        var command = new Command(
            "watch",
            "Show a watched model's live statistics beside the training data's."
        )
        {
            model,
        };
        CommandHelp.Add(command, "oml model watch churn", "oml model watch churn --json");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var watch = await session.Client.Models.GetWatchAsync(
                    session.Arguments.GetValue(model)!,
                    cancellationToken
                );
                session.Result(watch, () => Show(session, watch));
                return ExitCodes.Done;
            }
        );
    }

    public static Command Alerts(CliEnvironment environment)
    {
        var model = Model();
        var command = new Command(
            "alerts",
            "List a model's alerts that stand and the last that were cleared, newest first."
        )
        {
            model,
        };
        CommandHelp.Add(command, "oml model alerts churn");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var alerts = await session.Client.Models.GetAlertsAsync(
                    session.Arguments.GetValue(model)!,
                    cancellationToken
                );
                session.Result(alerts, () => Table(session, alerts));
                return ExitCodes.Done;
            }
        );
    }

    private static Argument<string> Model() => new("MODEL") { Description = "The model's name." };

    private static void Show(CliSession session, WatchSnapshot watch)
    {
        foreach (var version in watch.Versions)
        {
            var total = version.Total;
            session.Line(
                $"{watch.Model}@{version.Version}{(version.Aliases.Count == 0 ? "" : $" ({string.Join(", ", version.Aliases)})")}: {total.Rows} rows of {total.Calls} calls since {TextFormat.Time(total.From)}, beside {version.Reference?.ToString() ?? "nothing"}"
            );
            session.Table(
                ["feature", "values", "missing", "mean", "psi", "js", "l-inf"],
                total.Features.Select(
                    IReadOnlyList<string> (f) =>
                        [
                            f.Output ? $"{f.Name} (output)" : f.Name,
                            $"{f.Count}",
                            $"{f.Missing}",
                            f.Mean is { } mean ? TextFormat.Number(mean) : "",
                            Measure(f, WatchMeasure.Psi),
                            Measure(f, WatchMeasure.JensenShannon),
                            Measure(f, WatchMeasure.LInfinity),
                        ]
                )
            );
            foreach (var problem in version.Problems)
                session.Line(problem);
        }
        if (watch.Versions.Count == 0)
            session.Line("No call was counted yet.");
        if (watch.Quality.Count > 0)
            Quality(session, watch);
        if (watch.Alerts.Count > 0)
            Table(session, watch.Alerts);
    }

    private static void Quality(CliSession session, WatchSnapshot watch) =>
        session.Table(
            ["quality of", "outcomes", "measures, with intervals of 95 %"],
            watch.Quality.Select(
                IReadOnlyList<string> (q) =>
                    [
                        q.Version is { } version
                            ? $"{watch.Model}@{version}{(q.Aliases.Count == 0 ? "" : $" ({string.Join(", ", q.Aliases)})")}"
                        : q.Reference is { Length: > 0 } named ? $"asked for as {named}"
                        : "asked for by name alone",
                        $"{q.Total.Outcomes}",
                        string.Join(", ", q.Total.Metrics.Select(Metric)),
                    ]
            )
        );

    private static string Metric(QualityMetric metric) =>
        $"{metric.Measure} {metric.Value:0.####}"
        + (metric.Low is { } low ? $" ({low:0.####} to {metric.High:0.####})" : "");

    private static void Table(CliSession session, IReadOnlyList<AlertSnapshot> alerts) =>
        session.Table(
            ["alert", "version", "measure", "feature", "value", "bound", "raised", "cleared"],
            alerts.Select(
                IReadOnlyList<string> (a) =>
                    [
                        a.Rule,
                        $"{a.Version}",
                        $"{a.Measure}",
                        a.Feature ?? "",
                        $"{a.Value:0.####}",
                        $"{a.Bound:0.####}",
                        TextFormat.Time(a.RaisedAt),
                        a.ClearedAt is { } cleared ? TextFormat.Time(cleared) : "",
                    ]
            )
        );

    private static string Measure(FeatureReport feature, WatchMeasure measure) =>
        feature.Measures.TryGetValue(measure, out var value) ? $"{value:0.0000}" : "";
}
