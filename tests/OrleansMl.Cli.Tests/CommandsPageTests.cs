using System.CommandLine;
using System.Runtime.CompilerServices;

namespace OrleansMl.Cli.Tests;

/// <summary>The table of all commands in docs/cli.md is what <c>oml</c> has; scripts/docs writes it.</summary>
public sealed class CommandsPageTests
{
    private const string Begin = "<!-- commands: written by scripts/docs -->\n";
    private const string End = "<!-- /commands -->\n";

    [Fact]
    public void Every_command_stands_in_the_page()
    {
        var file = PathOf("docs", "cli.md");
        var page = File.ReadAllText(file);
        var table =
            "| command | does |\n|---|---|\n"
            + string.Concat(
                Leaves(new OmlProgram(CliEnvironment.OfProcess()).Build(), "oml")
                    .OrderBy(leaf => leaf.Path, StringComparer.Ordinal)
                    .Select(leaf =>
                        $"| `{leaf.Path}` | {leaf.Command.Description!.Replace("|", "\\|", StringComparison.Ordinal)} |\n"
                    )
            );
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("OML_REGENERATE") == "1")
        {
            File.WriteAllText(file, page[..from] + table + page[to..]);
            return;
        }

        Assert.Contains("| `oml model traffic show` |", table);
        Assert.True(
            page[from..to] == table,
            $"The commands in docs/cli.md are out of date: run scripts/docs and commit it. Missing: {string.Join(", ", table.Split('\n').Except(page.Split('\n')))}"
        );
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(
        Command command,
        string path
    ) =>
        command.Subcommands.Count == 0
            ? [(path, command)]
            : command.Subcommands.SelectMany(sub => Leaves(sub, $"{path} {sub.Name}"));

    private static string PathOf(string folder, string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", folder, name));
}
