using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace OrleansMl.Client.Tests.Documentation;

/// <summary>Each example of docs/clients.md is compiled: it stands, line for line, in ClientsPage.cs beside this file.</summary>
public sealed partial class ClientsPageTests
{
    [Fact]
    public void Every_example_of_the_page_is_compiled()
    {
        var page = File.ReadAllText(PathOf("..", "..", "..", "docs", "clients.md"));
        var compiled = Lines(File.ReadAllText(PathOf("ClientsPage.cs")));
        var examples = Example().Matches(page).Select(m => m.Groups["code"].Value).ToList();

        Assert.True(examples.Count >= 5);
        Assert.All(examples, example => Assert.Contains(Lines(example), compiled));
    }

    [Fact]
    public void The_rule_about_examples_can_fail() =>
        Assert.DoesNotContain(
            Lines("var answer = await client.NoSuchCallAsync();"),
            Lines(File.ReadAllText(PathOf("ClientsPage.cs")))
        );

    // Indentation differs between a page and a method.
    private static string Lines(string text) =>
        string.Join('\n', text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));

    private static string PathOf(
        string first,
        string second = "",
        string third = "",
        string fourth = "",
        string fifth = "",
        [CallerFilePath] string here = ""
    ) =>
        Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(here)!, first, second, third, fourth, fifth)
        );

    [GeneratedRegex(
        "```csharp\n(?<code>.*?)```",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Example();
}
