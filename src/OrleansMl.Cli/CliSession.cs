using System.CommandLine;
using System.Text.Json;
using OrleansMl.Client;
using OrleansMl.Contracts;
using Spectre.Console;

namespace OrleansMl.Cli;

/// <summary>One run of one command: its client and its output.</summary>
internal sealed class CliSession : IDisposable
{
    // What isn't a terminal has no width of its own; a table there must not be broken into lines.
    private const int PlainWidth = 1000;

    private OrleansMlClient? _client;

    public CliSession(CliEnvironment environment, ParseResult arguments)
    {
        Environment = environment;
        Arguments = arguments;
        Json = arguments.GetValue(GlobalOptions.Json);
        var colors =
            environment.IsTerminal
            && !arguments.GetValue(GlobalOptions.NoColor)
            && string.IsNullOrEmpty(environment.Variable("NO_COLOR"));
        Live = environment.IsTerminal && !Json;
        Console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = environment.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem = colors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = Live ? InteractionSupport.Detect : InteractionSupport.No,
                Out = new AnsiConsoleOutput(environment.Out),
            }
        );
        if (!environment.IsTerminal)
            Console.Profile.Width = PlainWidth;
    }

    public CliEnvironment Environment { get; }

    public ParseResult Arguments { get; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; }

    /// <summary>Progress that redraws itself is wanted.</summary>
    public bool Live { get; }

    public IAnsiConsole Console { get; }

    public OrleansMlClient Client => _client ??= new OrleansMlClient(ClientOptions());

    public IReadOnlyList<Uri> Endpoints
    {
        get
        {
            var given = Arguments.GetValue(GlobalOptions.Url) ?? [];
            if (given.Length == 0)
                given =
                [
                    Environment.Variable("OML_URL") is { Length: > 0 } url
                        ? url
                        : GlobalOptions.DefaultUrl,
                ];
            return
            [
                .. given
                    .SelectMany(u =>
                        u.Split(
                            ',',
                            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                        )
                    )
                    .Select(u => new Uri(u, UriKind.RelativeOrAbsolute)),
            ];
        }
    }

    public OrleansMlClientOptions ClientOptions() =>
        new()
        {
            Endpoints = Endpoints,
            ApiKey =
                Arguments.GetValue(GlobalOptions.ApiKey) ?? Environment.Variable("OML_API_KEY"),
            TimeProvider = Environment.TimeProvider,
            // A person waits: a silo that isn't there is told in seconds, one that is being replaced is still waited for.
            MaxRetries = 6,
            OnRetry = Json ? null : NoteRetry,
        };

    public void Dispose() => _client?.Dispose();

    /// <summary>Writes a line of text, as it is.</summary>
    public void Line(string text) => Environment.Out.WriteLine(text);

    /// <summary>Writes a line to standard error.</summary>
    public void Note(string text) => Environment.Error.WriteLine(text);

    /// <summary>Writes the value as JSON with --json, else what <paramref name="text"/> writes.</summary>
    public void Result<T>(T value, Action text)
    {
        if (Json)
            Line(JsonSerializer.Serialize(value, ContractsJson.Options));
        else
            text();
    }

    /// <summary>Writes a table: with lines on a terminal, else columns alone.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table
        {
            Border = Environment.IsTerminal ? TableBorder.Rounded : TableBorder.None,
        };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column)) { NoWrap = !Environment.IsTerminal });
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        Console.Write(table);
    }

    private void NoteRetry(RetryNotice notice)
    {
        // The first tries after a failure go to another endpoint or wait a moment: nothing to tell.
        if (notice.Retry >= 3)
            Note($"waiting for the cluster: {notice.Reason}");
    }
}
