using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OrleansMl.Cli.Datasets;
using OrleansMl.Cli.Models;
using OrleansMl.Cli.Operations;
using OrleansMl.Cli.Serving;
using OrleansMl.Cli.Serving.Events;
using OrleansMl.Cli.Training;
using OrleansMl.Cli.Trust;

namespace OrleansMl.Cli;

/// <summary>The command line <c>oml</c>.</summary>
internal sealed class OmlProgram(CliEnvironment environment)
{
    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code, see <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var result = Build().Parse(args);
        if (result.Action is ParseErrorAction error)
            // The message alone: a screen of help would hide it.
            error.ShowHelp = false;
        var code = await result.InvokeAsync(
            new InvocationConfiguration
            {
                Output = environment.Out,
                Error = environment.Error,
                // Signals are the caller's: a command may take long to end in order.
                ProcessTerminationTimeout = null,
                EnableDefaultExceptionHandler = false,
            },
            cancellationToken
        );
        return result.Action is ParseErrorAction ? ExitCodes.BadInput : code;
    }

    /// <summary>All commands.</summary>
    public RootCommand Build()
    {
        var root = new RootCommand(
            "oml: import data, train, register and serve models on an OrleansMl cluster."
        )
        {
            UpCommand.Build(environment),
            DownCommand.Build(environment),
            StatusCommand.Build(environment),
            DatasetCommand.Build(environment),
            TrainCommand.Build(environment),
            RunsCommand.Build(environment),
            ModelCommand.Build(environment),
            PredictCommand.Build(environment),
            FeedbackCommand.Build(environment),
            EvaluateCommand.Build(environment),
            KeyCommand.Build(environment),
            TokenCommand.Build(environment),
            AuditCommand.Build(environment),
            PipelineCommand.Build(environment),
            TopicCommand.Build(environment),
            SubscriptionCommand.Build(environment),
            BatchCommand.Build(environment),
            JobCommand.Build(environment),
            ScheduleCommand.Build(environment),
        };
        root.Options.Add(GlobalOptions.Url);
        root.Options.Add(GlobalOptions.ApiKey);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(GlobalOptions.NoColor);
        CommandHelp.Add(
            root,
            "oml up                                        start a cluster of one process",
            "oml dataset import fashion *-ubyte.gz         import IDX, CSV or Parquet files",
            "oml train examples/fashion-cnn.yaml --follow  train and watch",
            "oml predict fashion --images t10k-images-idx3-ubyte.gz --index 0"
        );
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new CommandHelp((HelpAction)help.Action!);
        return root;
    }
}
