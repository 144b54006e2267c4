using System.Diagnostics;
using System.Text.Json;
using OrleansMl.Silo.Training;

namespace OrleansMl.Silo.Tests.Operations;

/// <summary>A silo as a process of its own, on free ports.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly Process _process;

    private SiloProcess(Process process) => _process = process;

    public required Uri Url { get; init; }

    public required long Incarnation { get; init; }

    /// <summary>Starts a silo and waits until it says that it is up.</summary>
    public static async Task<SiloProcess> StartAsync(string directory, params string[] args)
    {
        string[] url = args.Contains("--url") ? [] : ["--url", "http://127.0.0.1:0"];
        var process = Start(["--data", directory, .. url, .. args]);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var lines = new List<string>();
        while (
            await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                is { } line
        )
        {
            lines.Add(line);
            if (!line.Contains(" is up with roles ", StringComparison.Ordinal))
                continue;
            // Read on, or a full pipe would stop the silo.
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            using var record = JsonDocument.Parse(
                await File.ReadAllTextAsync(
                    Path.Combine(directory, "silo.json"),
                    TestContext.Current.CancellationToken
                )
            );
            Assert.Equal(process.Id, record.RootElement.GetProperty("processId").GetInt32());
            return new SiloProcess(process)
            {
                Url = new Uri(record.RootElement.GetProperty("url").GetString()!),
                Incarnation = record.RootElement.GetProperty("incarnation").GetInt64(),
            };
        }
        throw new InvalidOperationException(
            $"The silo ended before it was up:\n{string.Join('\n', lines)}"
        );
    }

    /// <summary>Runs a silo that is to end by itself: its exit code and what it said.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] args)
    {
        using var process = Start(args);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Asks it to stop; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static Process Start(string[] args) =>
        Process.Start(
            new ProcessStartInfo(
                WorkerLocation.FindDotnet(),
                [Path.Combine(AppContext.BaseDirectory, "OrleansMl.Silo.dll"), .. args]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
}
