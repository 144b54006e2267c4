namespace OrleansMl.Cli;

/// <summary>What a command sees of the process around it; tests put their own in its place.</summary>
internal sealed class CliEnvironment
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>Whether standard output is a terminal: live progress and tables with lines, else plain lines.</summary>
    public required bool IsTerminal { get; init; }

    public required Func<string, string?> Variable { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public static CliEnvironment OfProcess() =>
        new()
        {
            Out = Console.Out,
            Error = Console.Error,
            In = Console.In,
            IsTerminal = !Console.IsOutputRedirected,
            Variable = Environment.GetEnvironmentVariable,
        };
}
