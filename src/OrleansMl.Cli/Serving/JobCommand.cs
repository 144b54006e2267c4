using System.CommandLine;
using OrleansMl.Cli.Models;
using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Cli.Serving;

/// <summary><c>oml job</c>.</summary>
internal static class JobCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command(
            "job",
            "Submit, list, show, watch and cancel long-running inference, and fetch what it made."
        )
        {
            Submit(environment),
            List(environment),
            OfOne(
                environment,
                "show",
                "Show a job.",
                async (session, job, cancellationToken) =>
                {
                    var shown = await session.Client.Jobs.GetAsync(job, cancellationToken);
                    session.Result(shown, () => JobText.Show(session, shown));
                    return ExitCodes.Done;
                }
            ),
            OfOne(
                environment,
                "watch",
                "Watch a job until it ends; exit 1 unless it succeeds.",
                BatchCommand.FollowAsync
            ),
            OfOne(
                environment,
                "cancel",
                "Stop a job.",
                async (session, job, cancellationToken) =>
                {
                    var told = await session.Client.Jobs.CancelAsync(job, cancellationToken);
                    session.Result(told, () => session.Line(JobText.Line(told)));
                    return ExitCodes.Done;
                }
            ),
            Result(environment),
        };
        CommandHelp.Add(
            command,
            "oml job submit fashion request.json",
            "oml job watch JOB",
            "oml job result JOB answer.json"
        );
        return command;
    }

    private static Command Submit(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL") { Description = "name or name@reference." };
        var file = new Argument<string>("FILE")
        {
            Description = "A request of the Open Inference Protocol, JSON.",
        };
        var command = new Command("submit", "Answer a request in the background.") { model, file };
        CommandHelp.Add(command, "oml job submit fashion@champion request.json");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var (name, reference) = ModelReference.Parse(session.Arguments.GetValue(model)!);
                var job = await session.Client.Jobs.SubmitRequestAsync(
                    name,
                    await File.ReadAllBytesAsync(
                        session.Arguments.GetValue(file)!,
                        cancellationToken
                    ),
                    reference,
                    cancellationToken: cancellationToken
                );
                session.Result(job, () => session.Line(JobText.Line(job)));
                return ExitCodes.Done;
            }
        );
    }

    private static Command List(CliEnvironment environment)
    {
        var limit = new Option<int>("--limit")
        {
            Description = "The most that are shown.",
            DefaultValueFactory = _ => 50,
        };
        var command = new Command("ls", "List jobs, newest first.") { limit };
        CommandHelp.Add(command, "oml job ls");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var jobs = await session
                    .Client.Jobs.ListAsync(session.Arguments.GetValue(limit), cancellationToken)
                    .ToListAsync(cancellationToken);
                session.Result(
                    jobs,
                    () =>
                        session.Table(
                            ["job", "phase", "model", "dataset", "rows", "made", "submitted"],
                            jobs.Select(
                                IReadOnlyList<string> (j) =>
                                    [
                                        j.Id,
                                        JobText.Phase(j.Phase),
                                        $"{j.Model}",
                                        $"{j.Dataset}",
                                        $"{TextFormat.Count(j.RowsDone)}/{TextFormat.Count(j.Rows)}",
                                        $"{j.ResultDataset}",
                                        TextFormat.Time(j.SubmittedAt),
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Result(CliEnvironment environment)
    {
        var id = Id();
        var target = new Argument<string>("TARGET")
        {
            Description =
                "A request's answer: the JSON file. A scored data set: the folder of its Parquet parts.",
        };
        var command = new Command("result", "Fetch what a job made.") { id, target };
        CommandHelp.Add(command, "oml job result JOB answer.json", "oml job result JOB scored/");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var jobs = session.Client.Jobs;
                var name = session.Arguments.GetValue(id)!;
                var path = session.Arguments.GetValue(target)!;
                var job = await jobs.GetAsync(name, cancellationToken);
                var bytes = 0L;
                if (job.Spec.Dataset is null)
                    bytes = await jobs.SaveResultAsync(name, path, cancellationToken);
                else
                {
                    if (job.Phase is not InferenceJobPhase.Succeeded)
                    {
                        session.Note($"error: {JobText.Line(job)}");
                        return ExitCodes.Conflict;
                    }
                    Directory.CreateDirectory(path);
                    var parts = job.Chunks.Count(chunk => chunk.Artifact is not null);
                    for (var part = 0; part < parts; part++)
                        bytes += await jobs.DownloadPartAsync(
                            name,
                            part,
                            Path.Combine(path, $"{part:00000}.parquet"),
                            cancellationToken
                        );
                }
                session.Result(
                    new { target = path, bytes },
                    () => session.Line($"{path}: {TextFormat.Bytes(bytes)}")
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command OfOne(
        CliEnvironment environment,
        string verb,
        string description,
        Func<CliSession, string, CancellationToken, Task<int>> body
    )
    {
        var id = Id();
        var command = new Command(verb, description) { id };
        CommandHelp.Add(command, $"oml job {verb} 01jd3k8v9x2m4n6p8q0r1s2t3v");
        return command.Runs(
            environment,
            (session, cancellationToken) =>
                body(session, session.Arguments.GetValue(id)!, cancellationToken)
        );
    }

    private static Argument<string> Id() => new("JOB") { Description = "The job's id." };
}
