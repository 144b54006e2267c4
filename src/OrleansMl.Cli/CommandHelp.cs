using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OrleansMl.Cli;

/// <summary>The standard help, then the command's examples.</summary>
internal sealed class CommandHelp(HelpAction standard) : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, string[]> Examples = [];

    public override int Invoke(ParseResult parseResult)
    {
        var code = standard.Invoke(parseResult);
        string[]? examples;
        lock (Examples)
            Examples.TryGetValue(parseResult.CommandResult.Command, out examples);
        if (examples is not null)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples)
                output.WriteLine($"  {example}");
            output.WriteLine();
        }
        return code;
    }

    /// <summary>Remembers a command's examples.</summary>
    public static void Add(Command command, params string[] examples)
    {
        lock (Examples)
            Examples[command] = examples;
    }
}
