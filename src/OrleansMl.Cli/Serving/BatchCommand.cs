using System.CommandLine;
using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Cli.Serving;

/// <summary><c>oml batch</c>.</summary>
internal static class BatchCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The definition, YAML or JSON; '-' reads standard input.",
        };
        var follow = new Option<bool>("--follow")
        {
            Description = "Watch it until it ends; exit 1 unless it succeeds.",
        };
        var id = new Option<string?>("--job-id")
        {
            Description =
                "The job's id: the same id with the same definition is the same job. Default: a new one.",
            HelpName = "ID",
        };
        var command = new Command("batch", "Score the rows of a data set by a model.")
        {
            file,
            follow,
            id,
        };
        CommandHelp.Add(command, "oml batch examples/batch-scoring.yaml --follow");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var path = session.Arguments.GetValue(file)!;
                var text =
                    path == "-"
                        ? await session.Environment.In.ReadToEndAsync(cancellationToken)
                        : await File.ReadAllTextAsync(path, cancellationToken);
                var job = await session.Client.Jobs.SubmitAsync(
                    text,
                    session.Arguments.GetValue(id),
                    cancellationToken
                );
                if (session.Arguments.GetValue(follow))
                    return await FollowAsync(session, job.Id, cancellationToken);
                session.Result(
                    job,
                    () =>
                    {
                        session.Line(JobText.Line(job));
                        session.Line($"watch it with: oml job watch {job.Id}");
                    }
                );
                return ExitCodes.Done;
            }
        );
    }

    public static async Task<int> FollowAsync(
        CliSession session,
        string job,
        CancellationToken cancellationToken
    )
    {
        InferenceJobSnapshot? last = null;
        await foreach (var seen in session.Client.Jobs.WatchAsync(job, cancellationToken))
        {
            last = seen;
            if (!session.Json)
                session.Line(JobText.Line(seen));
        }
        session.Result(last, () => JobText.Show(session, last!));
        return last!.Phase is InferenceJobPhase.Succeeded ? ExitCodes.Done : ExitCodes.Failed;
    }
}
