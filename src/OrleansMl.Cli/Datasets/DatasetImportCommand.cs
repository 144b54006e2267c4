using System.CommandLine;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Cli.Datasets;

/// <summary><c>oml dataset import</c> and <c>append</c>.</summary>
internal static class DatasetImportCommand
{
    public static Command Build(CliEnvironment environment, bool append)
    {
        var name = new Argument<string>("NAME")
        {
            Description = append ? "The dataset." : "The dataset's name; it may be new.",
        };
        var files = new Argument<string[]>("FILES")
        {
            Description =
                "Files of one format: IDX (gzip or not; train-… and t10k-… are train and test), CSV, Parquet.",
            Arity = ArgumentArity.OneOrMore,
        };
        var format = new Option<string?>("--format")
        {
            Description = "Default: by the files' names and first bytes.",
        };
        format.AcceptOnlyFromAmong("idx", "csv", "parquet");
        var columns = new Option<string[]>("--column")
        {
            Description = "A column's kind in place of the inferred one, for example zip=text.",
            HelpName = "NAME=KIND",
        };
        var classes = new Option<string?>("--class-names")
        {
            Description = "Names of the classes 0, 1, … of IDX labels, commas between them.",
            HelpName = "A,B,…",
        };
        var splits = new SplitOptions();
        var id = new Option<string?>("--command-id")
        {
            Description =
                "The command's id: the same id again gives the first answer again. Default: a new one.",
            HelpName = "ID",
        };
        var command = append
            ? new Command("append", "Add rows to the newest version, making the next one.")
            : new Command("import", "Import files as a new version.");
        command.Add(name);
        command.Add(files);
        command.Add(format);
        command.Add(columns);
        command.Add(classes);
        if (!append)
            splits.AddTo(command);
        command.Add(id);
        if (append)
            CommandHelp.Add(command, "oml dataset append churn march.csv");
        else
            CommandHelp.Add(
                command,
                "oml dataset import fashion /usr/share/datasets/fashion-mnist/*.gz",
                "oml dataset import churn customers.csv --column zip=text --stratify churned",
                "oml dataset import iris iris.parquet --test 0.2 --validation 0 --seed 7"
            );
        return command.Runs(
            environment,
            (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                return RunAsync(
                    session,
                    arguments.GetValue(name)!,
                    arguments.GetValue(files)!,
                    new DatasetImportOptions
                    {
                        Format = arguments.GetValue(format),
                        ColumnKinds = Kinds(arguments.GetValue(columns) ?? []),
                        ClassNames = arguments
                            .GetValue(classes)
                            ?.Split(',', StringSplitOptions.TrimEntries),
                        Splits = append ? null : splits.Read(arguments),
                        Append = append,
                        CommandId = arguments.GetValue(id),
                    },
                    cancellationToken
                );
            }
        );
    }

    private static async Task<int> RunAsync(
        CliSession session,
        string name,
        IReadOnlyList<string> files,
        DatasetImportOptions options,
        CancellationToken cancellationToken
    )
    {
        if (!ResourceName.IsValid(name))
            throw new InvalidInputException(
                $"'{name}' is not a dataset name: expected lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit."
            );
        var manifest = await ImportDisplay.RunAsync(
            session,
            progress =>
                session.Client.Datasets.ImportAsync(
                    name,
                    files,
                    options,
                    progress,
                    cancellationToken
                )
        );
        session.Result(
            manifest,
            () =>
                session.Line(
                    $"{manifest.Id}: {TextFormat.Count(manifest.Rows)} rows ({string.Join(", ", manifest.Statistics.Select(s => $"{s.Split} {TextFormat.Count(s.Rows)}"))}), {manifest.Schema.Count} columns, {TextFormat.Bytes(manifest.Bytes)}"
                )
        );
        return ExitCodes.Done;
    }

    private static Dictionary<string, ColumnKind>? Kinds(string[] columns)
    {
        if (columns.Length == 0)
            return null;
        var kinds = new Dictionary<string, ColumnKind>();
        foreach (var column in columns)
        {
            var equals = column.LastIndexOf('=');
            if (
                equals < 1
                || !Enum.TryParse<ColumnKind>(column[(equals + 1)..], true, out var kind)
                || !Enum.IsDefined(kind)
            )
                throw new InvalidInputException(
                    $"--column: expected NAME=KIND with one of {string.Join(", ", Enum.GetNames<ColumnKind>().Select(k => k.ToLowerInvariant()))}, got '{column}'."
                );
            kinds[column[..equals]] = kind;
        }
        return kinds;
    }
}
