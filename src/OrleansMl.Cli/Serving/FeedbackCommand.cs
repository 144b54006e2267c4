using System.CommandLine;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Cli.Serving;

/// <summary><c>oml feedback</c>.</summary>
internal static class FeedbackCommand
{
    // The most that one request may tell.
    private const int Batch = 1000;

    public static Command Build(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL") { Description = "The model's name." };
        var prediction = new Option<string?>("--prediction")
        {
            Description = "The prediction's id, which its answer had as X-Prediction-Id.",
            HelpName = "ID",
        };
        var value = new Option<double?>("--value")
        {
            Description = "How it turned out: 0 or 1, or a number, as the model's traffic says.",
        };
        var file = new Option<string?>("--file")
        {
            Description =
                "A JSON array of outcomes, {\"prediction\" or \"version\" and \"id\", \"value\"}; - is standard input.",
            HelpName = "FILE",
        };
        var command = new Command("feedback", "Tell how predictions turned out, each once.")
        {
            model,
            prediction,
            value,
            file,
        };
        CommandHelp.Add(
            command,
            "oml feedback fashion --prediction 7-3-19ab3c4d5e6-9f3a01c2b4d5e6f7 --value 1",
            "oml feedback fashion --file outcomes.json"
        );
        command.Validators.Add(result =>
        {
            var one = result.GetValue(prediction) is not null;
            if (
                one == (result.GetValue(file) is not null)
                || one != (result.GetValue(value) is not null)
            )
                result.AddError("give either --prediction with --value, or --file.");
        });
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var outcomes = arguments.GetValue(file) is { } path
                    ? await ReadAsync(session, path, cancellationToken)
                    :
                    [
                        new OutcomeReport
                        {
                            Prediction = PredictionId.Parse(arguments.GetValue(prediction)!),
                            Value = arguments.GetValue(value)!.Value,
                        },
                    ];
                var total = new FeedbackResult();
                foreach (var batch in outcomes.Chunk(Batch))
                {
                    var told = await session.Client.Models.SendFeedbackAsync(
                        arguments.GetValue(model)!,
                        batch,
                        cancellationToken
                    );
                    total = new FeedbackResult
                    {
                        Counted = total.Counted + told.Counted,
                        Repeated = total.Repeated + told.Repeated,
                        Late = total.Late + told.Late,
                    };
                }
                session.Result(
                    total,
                    () =>
                        session.Line(
                            $"{total.Counted} counted, {total.Repeated} told before, {total.Late} late"
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static async Task<IReadOnlyList<OutcomeReport>> ReadAsync(
        CliSession session,
        string path,
        CancellationToken cancellationToken
    )
    {
        var text =
            path == "-"
                ? await session.Environment.In.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(path, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize<IReadOnlyList<OutcomeReport>>(
                    text,
                    ContractsJson.Options
                ) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException(
                $"'{path}' is not a JSON array of outcomes: {e.Message}",
                e
            );
        }
    }
}
