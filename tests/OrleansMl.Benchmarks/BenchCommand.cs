using System.Globalization;

namespace OrleansMl.Benchmarks;

/// <summary>The command line: <c>NAME [--rounds N] [--data DIR]</c>, <c>all</c>, or a child process of a benchmark.</summary>
internal static class BenchCommand
{
    /// <summary>What a benchmark starts itself with for a measurement in a process of its own.</summary>
    public const string Child = "child";

    private const string All = "all";

    /// <summary>Runs.</summary>
    /// <returns>0: every goal is met. 1: one is missed or a measurement was inconclusive. 2: the command line is wrong.</returns>
    public static async Task<int> RunAsync(
        string[] args,
        Dictionary<string, Func<BenchOptions, CancellationToken, Task<BenchReport>>> benches,
        Dictionary<string, Func<string[], int>> children
    )
    {
        if (args is [Child, var name, .. var rest] && children.TryGetValue(name, out var child))
            return child(rest);
        if (Parse(args, benches.Keys) is not var (names, options))
        {
            await Console.Error.WriteLineAsync(
                $"Usage: scripts/bench {string.Join('|', benches.Keys)}|{All} [--rounds N (at least 1, {BenchOptions.LeastRounds} to count)] [--data DIR]"
            );
            return 2;
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        var met = true;
        foreach (var each in names)
        {
            var report = await benches[each](options, stop.Token);
            report.Print(each, Console.Out);
            Console.WriteLine($"Written to {report.Write(each)}");
            met &= report.Rows.All(row => row.Met);
        }
        return met ? 0 : 1;
    }

    private static (IReadOnlyList<string> Names, BenchOptions Options)? Parse(
        string[] args,
        IReadOnlyCollection<string> known
    )
    {
        if (args is not [var name, .. var rest] || (name != All && !known.Contains(name)))
            return null;
        var options = new BenchOptions(BenchOptions.LeastRounds, BenchOptions.DefaultData);
        for (; rest is [var key, var value, .. var more]; rest = more)
        {
            if (
                key == "--rounds"
                && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                && n > 0
            )
                options = options with { Rounds = n };
            else if (key == "--data")
                options = options with { Data = value };
            else
                return null;
        }
        return rest.Length > 0 ? null : (name == All ? [.. known] : [name], options);
    }
}
