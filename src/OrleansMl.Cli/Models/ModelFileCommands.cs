using System.CommandLine;
using OrleansMl.Client.Models;

namespace OrleansMl.Cli.Models;

/// <summary><c>oml model import</c> and <c>export</c>.</summary>
internal static class ModelFileCommands
{
    public static Command Import(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL")
        {
            Description = "The model's name; it may be new.",
        };
        var file = new Argument<string>("FILE") { Description = "The ONNX file." };
        var labels = new Option<string?>("--labels")
        {
            Description = "Class labels by index, commas between them.",
            HelpName = "A,B,…",
        };
        var task = new Option<string?>("--task")
        {
            Description = "Default: classification when there are labels, else unknown.",
        };
        task.AcceptOnlyFromAmong("classification", "binary", "regression", "unknown");
        var source = new Option<string?>("--source")
        {
            Description = "Where it comes from, for people. Default: the file's name.",
        };
        var command = new Command("import", "Register a foreign ONNX file as the next version.")
        {
            model,
            file,
            labels,
            task,
            source,
        };
        CommandHelp.Add(
            command,
            "oml model import resnet resnet50.onnx --labels cat,dog",
            "oml model import prices prices.onnx --task regression"
        );
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var version = await session.Client.Models.ImportAsync(
                    ModelReference.Parse(arguments.GetValue(model)!).Name,
                    arguments.GetValue(file)!,
                    new ModelImportOptions
                    {
                        ClassLabels =
                            arguments.GetValue(labels)?.Split(',', StringSplitOptions.TrimEntries)
                            ?? [],
                        Task = arguments.GetValue(task),
                        Source = arguments.GetValue(source),
                    },
                    cancellationToken: cancellationToken
                );
                session.Result(version, () => ModelText.Show(session, version));
                return ExitCodes.Done;
            }
        );
    }

    public static Command Export(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL")
        {
            Description = "name (the newest version) or name@reference.",
        };
        var file = new Argument<string>("FILE") { Description = "Where the file goes." };
        var weights = new Option<bool>("--weights")
        {
            Description = "The weights (safetensors) instead of the ONNX file.",
        };
        var command = new Command(
            "export",
            "Download a version's ONNX file or weights, checked against its SHA-256."
        )
        {
            model,
            file,
            weights,
        };
        CommandHelp.Add(
            command,
            "oml model export fashion@champion fashion.onnx",
            "oml model export fashion@3 fashion.safetensors --weights"
        );
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var (name, reference) = ModelReference.Parse(arguments.GetValue(model)!);
                var path = arguments.GetValue(file)!;
                var bytes = await session.Client.Models.DownloadAsync(
                    name,
                    reference ?? "latest",
                    arguments.GetValue(weights) ? ModelFile.Weights : ModelFile.Onnx,
                    path,
                    cancellationToken
                );
                session.Result(
                    new { file = path, bytes },
                    () => session.Line($"{path}: {TextFormat.Bytes(bytes)}")
                );
                return ExitCodes.Done;
            }
        );
    }
}
