using System.CommandLine;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Cli.Datasets;

/// <summary><c>oml dataset</c>.</summary>
internal static class DatasetCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command("dataset", "Import, list, show and delete datasets.")
        {
            DatasetImportCommand.Build(environment, append: false),
            DatasetImportCommand.Build(environment, append: true),
            List(environment),
            Show(environment),
            Rows(environment),
            Remove(environment),
        };
        CommandHelp.Add(
            command,
            "oml dataset import fashion *-ubyte.gz",
            "oml dataset ls",
            "oml dataset show fashion"
        );
        return command;
    }

    private static Command List(CliEnvironment environment)
    {
        var limit = new Option<int>("--limit")
        {
            Description = "The most that are shown.",
            DefaultValueFactory = _ => 100,
        };
        var command = new Command("ls", "List datasets, newest first.") { limit };
        CommandHelp.Add(command, "oml dataset ls", "oml dataset ls --json");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var datasets = await session
                    .Client.Datasets.ListAsync(session.Arguments.GetValue(limit), cancellationToken)
                    .ToListAsync(cancellationToken);
                session.Result(
                    datasets,
                    () =>
                        session.Table(
                            ["dataset", "rows", "splits", "size", "columns", "updated", "source"],
                            datasets.Select(
                                IReadOnlyList<string> (d) =>
                                    [
                                        $"{d.Name}@{d.LatestVersion}",
                                        TextFormat.Count(d.Rows),
                                        string.Join(
                                            " ",
                                            d.Splits.Select(s => $"{s.Key} {s.Value}")
                                        ),
                                        TextFormat.Bytes(d.Bytes),
                                        $"{d.Columns}",
                                        TextFormat.Time(d.UpdatedAt),
                                        d.Source,
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
        var dataset = Dataset();
        var command = new Command("show", "Show a version: schema, splits, statistics.")
        {
            dataset,
        };
        CommandHelp.Add(command, "oml dataset show fashion", "oml dataset show fashion@1 --json");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var reference = DatasetReference.Parse(session.Arguments.GetValue(dataset)!);
                var manifest = await session.Client.Datasets.GetVersionAsync(
                    reference.Name,
                    reference.Version,
                    cancellationToken
                );
                session.Result(manifest, () => DatasetText.Show(session, manifest));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Rows(CliEnvironment environment)
    {
        var dataset = Dataset();
        var offset = new Option<long>("--offset") { Description = "Rows to pass over." };
        var limit = new Option<int>("--limit")
        {
            Description = "Rows shown, 1 to 100.",
            DefaultValueFactory = _ => 10,
        };
        var command = new Command("rows", "Show some rows.") { dataset, offset, limit };
        CommandHelp.Add(command, "oml dataset rows iris --limit 5");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var reference = DatasetReference.Parse(arguments.GetValue(dataset)!);
                var preview = await session.Client.Datasets.PreviewAsync(
                    reference.Name,
                    reference.Version,
                    arguments.GetValue(offset),
                    arguments.GetValue(limit),
                    cancellationToken
                );
                session.Result(preview, () => DatasetText.Rows(session, preview));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Remove(CliEnvironment environment)
    {
        var dataset = Dataset();
        var all = new Option<bool>("--all-versions")
        {
            Description = "Delete the dataset with all its versions.",
        };
        var command = new Command(
            "rm",
            "Delete a version, or with --all-versions the dataset. Refused while a run or model version needs it."
        )
        {
            dataset,
            all,
        };
        CommandHelp.Add(
            command,
            "oml dataset rm fashion@1",
            "oml dataset rm fashion --all-versions"
        );
        command.Validators.Add(result =>
        {
            var reference = result.GetValue(dataset);
            var whole = result.GetValue(all);
            if (reference is null || reference.Contains('@', StringComparison.Ordinal) == !whole)
                return;
            result.AddError(
                whole
                    ? "--all-versions takes a dataset's name without a version."
                    : $"'{reference}' names no version: give {reference}@VERSION, or --all-versions to delete them all."
            );
        });
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var reference = DatasetReference.Parse(session.Arguments.GetValue(dataset)!);
                await session.Client.Datasets.DeleteAsync(
                    reference.Name,
                    reference.Version,
                    cancellationToken
                );
                session.Result(
                    new { deleted = session.Arguments.GetValue(dataset) },
                    () => session.Line($"deleted {session.Arguments.GetValue(dataset)}")
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Argument<string> Dataset() =>
        new("DATASET") { Description = "A name (its newest version) or name@version." };
}
