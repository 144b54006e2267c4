using System.Diagnostics;
using System.Text.Json;

namespace OrleansMl.Benchmarks;

/// <summary>Runs one side of a comparison in a process of its own and reads the line of JSON that it ends with.</summary>
internal static class Measurement
{
    /// <summary>Runs.</summary>
    /// <param name="program">What to start.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Set on top of this process's.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="InvalidOperationException">It failed; the message holds its last lines.</exception>
    public static async Task<JsonElement> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await using var kill = cancellationToken.Register(() =>
            process.Kill(entireProcessTree: true)
        );
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var last = (await output).TrimEnd().Split('\n')[^1];
        if (process.ExitCode != 0 || !last.StartsWith('{'))
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {last} {(await errors).TrimEnd()}"
            );
        return JsonSerializer.Deserialize<JsonElement>(last);
    }

    /// <summary>Runs this program as a child of itself.</summary>
    public static Task<JsonElement> RunSelfAsync(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken
    )
    {
        var self = Self(arguments);
        return RunAsync(self.FileName, self.ArgumentList, environment, cancellationToken);
    }

    /// <summary>How this program is started as a child of itself.</summary>
    public static ProcessStartInfo Self(IEnumerable<string> arguments)
    {
        string[] all = [BenchCommand.Child, .. arguments];
        var self = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(self) == "dotnet"
            ? new ProcessStartInfo(self, [typeof(Measurement).Assembly.Location, .. all])
            : new ProcessStartInfo(self, all);
    }
}
