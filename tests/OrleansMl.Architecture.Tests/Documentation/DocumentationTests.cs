using System.CommandLine;
using System.Text.RegularExpressions;
using OrleansMl.Cli;

namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>What the pages point at exists, and the commands that they show are commands.</summary>
public sealed partial class DocumentationTests
{
    private static readonly RootCommand Oml = new OmlProgram(CliEnvironment.OfProcess()).Build();

    private static readonly IReadOnlyList<(string Path, string Text)> Pages =
    [
        .. Directory
            .EnumerateFiles(SourceTree.Root, "*.md")
            .Concat(
                Directory.EnumerateFiles(
                    Path.Combine(SourceTree.Root, "docs"),
                    "*.md",
                    SearchOption.AllDirectories
                )
            )
            .Select(file => (Path.GetRelativePath(SourceTree.Root, file), File.ReadAllText(file))),
    ];

    [Fact]
    public void Every_relative_link_resolves() =>
        Assert.Empty(Pages.SelectMany(page => BrokenLinks(page.Path, page.Text)));

    [Fact]
    public void Every_script_example_and_configuration_that_is_named_exists() =>
        Assert.Empty(Pages.SelectMany(page => MissingPaths(page.Path, page.Text)));

    [Fact]
    public void Every_oml_command_that_is_shown_parses() =>
        Assert.Empty(Pages.SelectMany(page => WrongCommands(page.Path, page.Text)));

    [Fact]
    public void There_are_pages_links_paths_and_commands_to_judge()
    {
        Assert.Contains(Pages, page => Link().IsMatch(page.Text));
        Assert.Contains(Pages, page => NamedPath().IsMatch(page.Text));
        Assert.Contains(Pages, page => Commands(page.Text).Any());
    }

    [Fact]
    public void The_rules_can_fail()
    {
        Assert.Single(
            BrokenLinks("docs/page.md", "See [this](not-there.md) and [that](adr/README.md).")
        );
        Assert.Single(
            MissingPaths("docs/page.md", "Run `scripts/cluster up`, then `scripts/nothing`.")
        );
        Assert.Single(WrongCommands("docs/page.md", "```bash\noml status\noml statsu\n```"));
        Assert.Single(WrongCommands("docs/page.md", "Say `oml up`, never `oml upp`."));
    }

    private static IEnumerable<string> BrokenLinks(string page, string text)
    {
        var folder = Path.GetDirectoryName(Path.Combine(SourceTree.Root, page))!;
        return Link()
            .Matches(Code().Replace(Prose(text), ""))
            .Select(match => match.Groups["to"].Value)
            .Where(to =>
                !to.Contains("://", StringComparison.Ordinal)
                && !to.StartsWith("mailto:", StringComparison.Ordinal)
            )
            .Select(to => to.Split('#')[0])
            .Where(to => to.Length > 0 && !Path.Exists(Path.Combine(folder, to)))
            .Select(to => $"{page}: {to}");
    }

    private static IEnumerable<string> MissingPaths(string page, string text) =>
        NamedPath()
            .Matches(text)
            .Select(match => match.Value.TrimEnd('.', '/'))
            .Distinct()
            .Where(path => !Path.Exists(Path.Combine(SourceTree.Root, path)))
            .Select(path => $"{page}: {path}");

    private static IEnumerable<string> WrongCommands(string page, string text)
    {
        foreach (var (line, whole) in Commands(text))
        {
            var words = Words(line);
            var error = whole ? Refusal(words) : Unknown(words);
            if (error is not null)
                yield return $"{page}: oml {line}: {error}";
        }
    }

    private static string? Refusal(IReadOnlyList<string> words) =>
        Oml.Parse(words).Errors is [var first, ..] ? first.Message : null;

    // A command in a sentence may lack its arguments, but not exist it must.
    private static string? Unknown(IReadOnlyList<string> words)
    {
        Command at = Oml;
        foreach (var word in words)
        {
            // In capitals it stands for any.
            if (
                at.Subcommands.Count == 0
                || word.StartsWith('-')
                || word.All(char.IsAsciiLetterUpper)
            )
                return null;
            if (at.Subcommands.FirstOrDefault(c => c.Name == word) is not { } next)
                return $"there is no command '{word}'";
            at = next;
        }
        return null;
    }

    private static IEnumerable<(string Line, bool Whole)> Commands(string text)
    {
        foreach (Match block in Fence().Matches(text))
        {
            var lines = block.Groups["code"].Value.Replace("\\\n", " ", StringComparison.Ordinal);
            foreach (Match command in Shown().Matches(lines))
                yield return (command.Groups["line"].Value, true);
        }
        foreach (Match inline in Inline().Matches(Prose(text)))
            yield return (inline.Groups["line"].Value, false);
    }

    private static string Prose(string text) => Fence().Replace(text, "");

    private static List<string> Words(string line) =>
        [
            .. Word()
                .Matches(line)
                .Select(match => match.Value.Trim('\'', '"'))
                .TakeWhile(word =>
                    word is not ("|" or "&&" or "||" or ";" or ">" or "&") && word[0] != '#'
                ),
        ];

    [GeneratedRegex(@"\[[^\]]*\]\((?<to>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex(
        @"(?<![\w/.-])(scripts|examples|cluster-config)/[\w./-]+",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex NamedPath();

    [GeneratedRegex(
        @"^```\w*\n(?<code>.*?)^```",
        RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Fence();

    [GeneratedRegex(
        @"(^|&& |\$ |\$\()[ ]*oml (?<line>[^\n]*)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Shown();

    [GeneratedRegex(@"`oml (?<line>[^`\n]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Inline();

    [GeneratedRegex(@"`[^`\n]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"'[^']*'|""[^""]*""|\S+")]
    private static partial Regex Word();
}
