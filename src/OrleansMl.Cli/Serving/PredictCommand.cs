using System.CommandLine;
using System.Text.Json;
using OrleansMl.Cli.Models;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;

namespace OrleansMl.Cli.Serving;

/// <summary><c>oml predict</c>.</summary>
internal static class PredictCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL")
        {
            Description = "name (its champion, else the newest version) or name@reference.",
        };
        var row = new Option<string[]>("--row")
        {
            Description = "One example's features, for example --row age=41 city=Oslo.",
            HelpName = "FEATURE=VALUE",
            AllowMultipleArgumentsPerToken = true,
        };
        var file = new Option<string?>("--file")
        {
            Description = "JSON: a list of objects, or {\"instances\": […]}; - is standard input.",
            HelpName = "JSON",
        };
        var images = new Option<string?>("--images")
        {
            Description = "An IDX file of images, gzip or not.",
            HelpName = "IDX",
        };
        var index = new Option<int[]>("--index")
        {
            Description = "Which images, from 0; repeatable. Default: the first.",
            AllowMultipleArgumentsPerToken = true,
        };
        var explain = new Option<string?>("--explain")
        {
            Description =
                "Say what each feature contributes: occlusion or shapley-sampling. With --row or --file.",
            HelpName = "METHOD",
        };
        explain.AcceptOnlyFromAmong("occlusion", "shapley-sampling");
        var samples = new Option<int>("--samples")
        {
            Description = "Sampled orders of the features, for shapley-sampling.",
            DefaultValueFactory = _ => 16,
        };
        var baseline = new Option<string>("--baseline")
        {
            Description = "What takes a feature's place: the training data's mean, or zero.",
            DefaultValueFactory = _ => "mean",
        };
        baseline.AcceptOnlyFromAmong("mean", "zero");
        var command = new Command("predict", "Predict by a model that the cluster serves.")
        {
            model,
            row,
            file,
            images,
            index,
            explain,
            samples,
            baseline,
        };
        CommandHelp.Add(
            command,
            "oml predict churn --row age=41 city=Oslo",
            "oml predict churn@champion --file customers.json --json",
            "oml predict churn --row age=41 city=Oslo --explain shapley-sampling",
            "oml predict fashion --images t10k-images-idx3-ubyte.gz --index 0 1 2"
        );
        command.Validators.Add(result =>
        {
            var given =
                (result.GetValue(row) is { Length: > 0 } ? 1 : 0)
                + (result.GetValue(file) is null ? 0 : 1)
                + (result.GetValue(images) is null ? 0 : 1);
            if (given != 1)
                result.AddError("give one of --row, --file and --images.");
            if (result.GetValue(explain) is not null && result.GetValue(images) is not null)
                result.AddError("--explain goes with --row or --file.");
        });
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var (name, reference) = ModelReference.Parse(arguments.GetValue(model)!);
                var client = session.Client.Model(name, reference);
                if (arguments.GetValue(images) is { } path)
                {
                    IReadOnlyList<int> wanted = arguments.GetValue(index) is { Length: > 0 } some
                        ? some
                        : [0];
                    return await ImagesAsync(session, client, path, wanted, cancellationToken);
                }
                var instances = arguments.GetValue(file) is { } json
                    ? Instances.Parse(await ReadAsync(session, json, cancellationToken), json)
                    : [Instances.Row(arguments.GetValue(row)!)];
                if (arguments.GetValue(explain) is { } method)
                {
                    var explained = await client.ExplainAsync(
                        instances,
                        new ExplanationRequest
                        {
                            Method =
                                method == "occlusion"
                                    ? ExplanationMethod.Occlusion
                                    : ExplanationMethod.ShapleySampling,
                            Samples = arguments.GetValue(samples),
                            Baseline =
                                arguments.GetValue(baseline) == "zero"
                                    ? ExplanationBaseline.Zero
                                    : ExplanationBaseline.Mean,
                        },
                        cancellationToken
                    );
                    session.Result(explained, () => ExplanationText.Show(session, explained));
                    return ExitCodes.Done;
                }
                var response = await client.PredictAsync(instances, cancellationToken);
                session.Result(response, () => Show(session, response));
                return ExitCodes.Done;
            }
        );
    }

    private static async Task<int> ImagesAsync(
        CliSession session,
        ModelClient client,
        string path,
        IReadOnlyList<int> wanted,
        CancellationToken cancellationToken
    )
    {
        var file = await IdxFile.ReadAsync(path, cancellationToken);
        foreach (var index in wanted)
        {
            if (index < 0 || index >= file.Count)
                throw new InvalidInputException(
                    $"--index: expected 0 to {file.Count - 1}, got {index}: '{path}' holds {file.Count} images."
                );
        }
        var response = await client.PredictAsync(
            ImageBatch.Of([.. wanted.Select(i => file.Items(i, 1))]),
            cancellationToken
        );
        session.Result(
            new
            {
                response.Model,
                response.Version,
                Predictions = response.Predictions.Select(
                    (p, i) =>
                        new
                        {
                            index = wanted[i],
                            p.Label,
                            p.Probability,
                            probabilities = response
                                .Labels.Zip(p.Probabilities.ToArray())
                                .ToDictionary(c => c.First, c => c.Second),
                        }
                ),
            },
            () =>
            {
                session.Line($"{response.Model}@{response.Version}");
                session.Table(
                    ["image", "label", "probability"],
                    response.Predictions.Select(
                        IReadOnlyList<string> (p, i) =>
                            [$"{wanted[i]}", p.Label, $"{p.Probability:0.0000}"]
                    )
                );
            }
        );
        return ExitCodes.Done;
    }

    private static void Show(CliSession session, PredictionResponse response)
    {
        session.Line($"{response.Model}@{response.Version}");
        session.Table(
            ["example", "prediction", "probability"],
            response.Predictions.Select(
                IReadOnlyList<string> (p, i) =>
                    [
                        $"{i}",
                        p.Label
                            ?? (
                                p.Value is { } value
                                    ? TextFormat.Number(value)
                                    : JsonSerializer.Serialize(p.Outputs, ContractsJson.Options)
                            ),
                        p.Probability is { } probability ? $"{probability:0.0000}" : "",
                    ]
            )
        );
    }

    private static Task<string> ReadAsync(
        CliSession session,
        string path,
        CancellationToken cancellationToken
    ) =>
        path == "-"
            ? session.Environment.In.ReadToEndAsync(cancellationToken)
            : File.ReadAllTextAsync(path, cancellationToken);
}
