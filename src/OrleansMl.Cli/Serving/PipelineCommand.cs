using System.CommandLine;
using OrleansMl.Cli.Models;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Serving;

/// <summary><c>oml pipeline</c>.</summary>
internal static class PipelineCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command(
            "pipeline",
            "Save, check, list and show pipelines of several models. Call them as models: oml predict PIPELINE."
        )
        {
            Save(environment),
            Check(environment),
            List(environment),
            Show(environment),
        };
        CommandHelp.Add(
            command,
            "oml pipeline check examples/pipeline-cascade.yaml",
            "oml pipeline save fashion-cascade examples/pipeline-cascade.yaml",
            "oml predict fashion-cascade --images t10k-images-idx3-ubyte.gz --index 0"
        );
        return command;
    }

    private static Command Save(CliEnvironment environment)
    {
        var pipeline = Name();
        var file = Document();
        var expected = new Option<int?>("--expected")
        {
            Description = "Save only if this is the newest version now; 0: there is none.",
        };
        var command = new Command(
            "save",
            "Save a pipeline as its next version, once it fits the models that it names."
        )
        {
            pipeline,
            file,
            expected,
        };
        CommandHelp.Add(
            command,
            "oml pipeline save fashion-cascade examples/pipeline-cascade.yaml"
        );
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var saved = await session.Client.Pipelines.SaveAsync(
                    ModelReference.Parse(session.Arguments.GetValue(pipeline)!).Name,
                    await ReadAsync(session, session.Arguments.GetValue(file)!, cancellationToken),
                    session.Arguments.GetValue(expected),
                    cancellationToken: cancellationToken
                );
                session.Result(saved, () => session.Line($"saved {saved.Id}"));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Check(CliEnvironment environment)
    {
        var file = Document();
        var command = new Command(
            "check",
            "Check a pipeline against the models that it names; nothing is saved."
        )
        {
            file,
        };
        CommandHelp.Add(command, "oml pipeline check examples/pipeline-ensemble.yaml");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var signature = await session.Client.Pipelines.ValidateAsync(
                    await ReadAsync(session, session.Arguments.GetValue(file)!, cancellationToken),
                    cancellationToken
                );
                session.Result(
                    signature,
                    () =>
                        session.Table(
                            ["tensor", "name", "datatype", "shape"],
                            signature
                                .Inputs.Select(t => ModelText.Tensor("input", t))
                                .Concat(
                                    signature.Outputs.Select(t => ModelText.Tensor("output", t))
                                )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command List(CliEnvironment environment)
    {
        var command = new Command("ls", "List pipelines, newest first.");
        CommandHelp.Add(command, "oml pipeline ls");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var pipelines = await session
                    .Client.Pipelines.ListAsync(cancellationToken: cancellationToken)
                    .ToListAsync(cancellationToken);
                session.Result(
                    pipelines,
                    () =>
                        session.Table(
                            ["pipeline", "newest", "aliases", "updated"],
                            pipelines.Select(
                                IReadOnlyList<string> (p) =>
                                    [
                                        p.Name,
                                        $"{p.LatestVersion}",
                                        string.Join(
                                            ", ",
                                            p.Aliases.Select(a => $"{a.Key} {a.Value}")
                                        ),
                                        TextFormat.Time(p.UpdatedAt),
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Show(CliEnvironment environment)
    {
        var pipeline = Name();
        var command = new Command(
            "show",
            "Show a pipeline: what it takes and gives, and its document."
        )
        {
            pipeline,
        };
        CommandHelp.Add(command, "oml pipeline show fashion-cascade@2");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var (name, reference) = ModelReference.Parse(session.Arguments.GetValue(pipeline)!);
                var version = await session.Client.Pipelines.GetAsync(
                    name,
                    reference,
                    cancellationToken
                );
                session.Result(
                    version,
                    () =>
                    {
                        ModelText.Show(session, version);
                        session.Line(version.Pipeline ?? "");
                    }
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Argument<string> Name() =>
        new("PIPELINE")
        {
            Description = "The pipeline: name, or name@reference to show a version.",
        };

    private static Argument<string> Document() =>
        new("FILE") { Description = "The document, YAML or JSON; '-' reads standard input." };

    private static async Task<string> ReadAsync(
        CliSession session,
        string file,
        CancellationToken cancellationToken
    ) =>
        file == "-"
            ? await session.Environment.In.ReadToEndAsync(cancellationToken)
            : await File.ReadAllTextAsync(file, cancellationToken);
}
