using System.CommandLine;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Training;

/// <summary><c>oml train</c>.</summary>
internal static class TrainCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var config = new Argument<string>("CONFIG")
        {
            Description = "The training configuration, YAML; - is standard input.",
        };
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Watch the run until it ends; exit 1 unless it succeeds.",
        };
        var id = new Option<string?>("--run-id")
        {
            Description =
                "The run's id: the same id with the same configuration is the same run. Default: a new one.",
            HelpName = "ID",
        };
        var command = new Command("train", "Submit a training run.") { config, follow, id };
        CommandHelp.Add(
            command,
            "oml train examples/fashion-cnn.yaml --follow",
            "oml train churn.yaml --run-id churn-2026-03 --json",
            "sed 's/seed: 1/seed: 2/' churn.yaml | oml train -"
        );
        return command.Runs(
            environment,
            (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                return RunAsync(
                    session,
                    arguments.GetValue(config)!,
                    arguments.GetValue(id),
                    arguments.GetValue(follow),
                    cancellationToken
                );
            }
        );
    }

    private static async Task<int> RunAsync(
        CliSession session,
        string config,
        string? id,
        bool follow,
        CancellationToken cancellationToken
    )
    {
        var yaml =
            config == "-"
                ? await session.Environment.In.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(config, cancellationToken);
        var run = await session.Client.Runs.SubmitAsync(
            yaml,
            id is null ? null : new TrainingRunId(id),
            cancellationToken
        );
        if (follow)
        {
            if (!session.Json)
                session.Line($"run {run.Id} on {run.Spec.Dataset} for model {run.Spec.Model}");
            return await RunFollower.FollowAsync(
                session,
                run.Id,
                eachEvent: false,
                cancellationToken
            );
        }
        session.Result(
            run,
            () =>
            {
                session.Line(
                    $"run {run.Id} is {RunText.Phase(run.Phase, run.QueuePosition)}, on {run.Spec.Dataset} for model {run.Spec.Model}"
                );
                session.Line($"watch it with: oml runs watch {run.Id}");
            }
        );
        return ExitCodes.Done;
    }
}
