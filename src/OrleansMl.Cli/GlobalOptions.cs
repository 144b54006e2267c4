using System.CommandLine;

namespace OrleansMl.Cli;

/// <summary>Options of every command.</summary>
internal static class GlobalOptions
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    public static Option<string[]> Url { get; } =
        new("--url")
        {
            Description =
                $"Address of a gateway; repeat it for fail-over. Default: OML_URL (commas between addresses), else {DefaultUrl}.",
            HelpName = "URL",
            Recursive = true,
        };

    public static Option<string?> ApiKey { get; } =
        new("--api-key")
        {
            Description =
                "API key. Default: OML_API_KEY, which unlike this option doesn't show in the list of processes.",
            HelpName = "KEY",
            Recursive = true,
        };

    public static Option<bool> Json { get; } =
        new("--json")
        {
            Description = "Write JSON, for scripts; errors go to standard error as JSON too.",
            Recursive = true,
        };

    public static Option<bool> NoColor { get; } =
        new("--no-color")
        {
            Description = "No colours. The variable NO_COLOR does the same.",
            Recursive = true,
        };
}
