using System.CommandLine;
using OrleansMl.Cli.Datasets;
using OrleansMl.Cli.Models;
using OrleansMl.Client;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Serving;

/// <summary><c>oml evaluate</c>: scores a served classifier through the same requests that applications make.</summary>
internal static class EvaluateCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL")
        {
            Description = "name (its champion, else the newest version) or name@reference.",
        };
        var dataset = new Option<string?>("--dataset")
        {
            Description = "Rows of a dataset on the cluster: name or name@version.",
            HelpName = "DATASET",
        };
        var split = new Option<string>("--split")
        {
            Description = "Which rows; also the split whose reported accuracy is compared.",
            DefaultValueFactory = _ => "test",
        };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var target = new Option<string?>("--target")
        {
            Description =
                "With --dataset: the column of true labels. Default: the model's first output's name.",
            HelpName = "COLUMN",
        };
        var images = new Option<string?>("--images")
        {
            Description = "Or an IDX file of images, gzip or not,",
            HelpName = "IDX",
        };
        var labels = new Option<string?>("--labels")
        {
            Description = "with an IDX file of their labels.",
            HelpName = "IDX",
        };
        var classes = new Option<string?>("--class-names")
        {
            Description =
                "With --labels: names of the classes 0, 1, …, where the model gives names.",
            HelpName = "A,B,…",
        };
        var batch = new Option<int>("--batch-size")
        {
            Description = "Examples a request, 1 to 1000.",
            DefaultValueFactory = _ => 100,
        };
        batch.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1000)
                result.AddError("--batch-size must be 1 to 1000.");
        });
        var check = new Option<bool>("--check")
        {
            Description =
                "Exit 1 unless the accuracy is the one that training reported, to the last example.",
        };
        var minimum = new Option<double?>("--min-accuracy")
        {
            Description = "Exit 1 below this accuracy.",
            HelpName = "0…1",
        };
        var command = new Command(
            "evaluate",
            "Score a served classifier over HTTP: accuracy and confusion matrix, beside what training reported."
        )
        {
            model,
            dataset,
            split,
            target,
            images,
            labels,
            classes,
            batch,
            check,
            minimum,
        };
        CommandHelp.Add(
            command,
            "oml evaluate churn --dataset churn --split test",
            "oml evaluate fashion --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz --check"
        );
        command.Validators.Add(result =>
        {
            var files = result.GetValue(images) is not null && result.GetValue(labels) is not null;
            if (result.GetValue(dataset) is not null == files)
                result.AddError("give either --dataset, or --images and --labels.");
        });
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var served = ModelReference.Parse(arguments.GetValue(model)!);
                var size = arguments.GetValue(batch);
                IEvaluationSource source = arguments.GetValue(dataset) is { } rows
                    ? new DatasetExamples(
                        session.Client,
                        DatasetReference.Parse(rows),
                        arguments.GetValue(split)!,
                        arguments.GetValue(target),
                        size
                    )
                    : await IdxExamples.ReadAsync(
                        arguments.GetValue(images)!,
                        arguments.GetValue(labels)!,
                        arguments.GetValue(classes)?.Split(',', StringSplitOptions.TrimEntries),
                        size,
                        cancellationToken
                    );
                return await RunAsync(
                    session,
                    served,
                    source,
                    arguments.GetValue(split)!,
                    new Demands(arguments.GetValue(check), arguments.GetValue(minimum)),
                    cancellationToken
                );
            }
        );
    }

    private static async Task<int> RunAsync(
        CliSession session,
        ModelReference model,
        IEvaluationSource source,
        string split,
        Demands demands,
        CancellationToken cancellationToken
    )
    {
        var version = await ResolveAsync(session.Client, model, cancellationToken);
        // The version is pinned: an alias that moves meanwhile must not mix two models' answers.
        var client = session.Client.Model(version.Id.Name, $"{version.Id.Version}");
        var began = session.Environment.TimeProvider.GetTimestamp();
        var tally = new ConfusionTally(version.Signature.ClassLabels);
        await foreach (
            var (truth, predicted) in source.PredictAsync(
                client,
                version.Signature,
                cancellationToken
            )
        )
            tally.Add(truth, predicted);
        if (tally.Examples == 0)
            throw new InvalidInputException($"there are no examples in {source}.");
        var seconds = session.Environment.TimeProvider.GetElapsedTime(began).TotalSeconds;

        var reported = version
            .Evaluations.FirstOrDefault(e => e.Split == split)
            ?.Metrics.GetValueOrDefault("accuracy", double.NaN);
        var matches = reported is { } r && tally.Examples * Math.Abs(r - tally.Accuracy) < 0.5;
        session.Result(
            new
            {
                model = version.Id,
                source = $"{source}",
                examples = tally.Examples,
                correct = tally.Correct,
                accuracy = tally.Accuracy,
                reportedAccuracy = reported,
                matchesReported = matches,
                seconds,
                labels = tally.Labels,
                confusionMatrix = tally.Matrix,
            },
            () => Show(session, version.Id, source, tally, reported, seconds)
        );
        return Judge(session, tally.Accuracy, reported, matches, demands);
    }

    private static int Judge(
        CliSession session,
        double accuracy,
        double? reported,
        bool matches,
        Demands demands
    )
    {
        var code = ExitCodes.Done;
        if (demands.Check && !matches)
        {
            session.Note(
                reported is null
                    ? "error: training reported no accuracy on this split to compare with."
                    : $"error: the served accuracy {accuracy:0.######} is not the reported {reported:0.######}."
            );
            code = ExitCodes.Failed;
        }
        if (accuracy < demands.MinimumAccuracy)
        {
            session.Note(
                $"error: the accuracy {accuracy:0.######} is below {demands.MinimumAccuracy:0.######}."
            );
            code = ExitCodes.Failed;
        }
        return code;
    }

    private static void Show(
        CliSession session,
        ModelVersionId version,
        IEvaluationSource source,
        ConfusionTally tally,
        double? reported,
        double seconds
    )
    {
        session.Line($"{version} on {source}");
        session.Table(
            ["true \\ predicted", .. tally.Labels, "recall"],
            tally.Labels.Select(
                IReadOnlyList<string> (label, i) =>
                {
                    var row = tally.Matrix[i];
                    var total = row.Sum();
                    return
                    [
                        label,
                        .. row.Select(n => $"{n}"),
                        total == 0 ? "" : $"{(double)row[i] / total:0.000}",
                    ];
                }
            )
        );
        session.Line(
            $"accuracy {tally.Accuracy:0.0000} ({tally.Correct} of {tally.Examples}), reported by training: {(reported is { } r ? $"{r:0.0000}" : "none")}; {tally.Examples / seconds:0} predictions/s"
        );
    }

    private static async Task<ModelVersionSnapshot> ResolveAsync(
        OrleansMlClient client,
        ModelReference model,
        CancellationToken cancellationToken
    )
    {
        var reference = model.Reference;
        if (reference is null)
        {
            var snapshot = await client.Models.GetAsync(model.Name, cancellationToken);
            reference = snapshot.Aliases.TryGetValue("champion", out var champion)
                ? $"{champion}"
                : $"{snapshot.LatestVersion}";
        }
        return await client.Models.GetVersionAsync(model.Name, reference, cancellationToken);
    }

    private sealed record Demands(bool Check, double? MinimumAccuracy);
}
