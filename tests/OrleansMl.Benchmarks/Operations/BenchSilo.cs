using System.Diagnostics;
using System.Text.Json;
using OrleansMl.Client;

namespace OrleansMl.Benchmarks.Operations;

/// <summary>A silo process with a data folder of its own, ended and deleted with the benchmark. Silo and <c>oml</c> are those of the Release build.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    private readonly Process _process;

    private BenchSilo(Process process, string folder, Uri url)
    {
        _process = process;
        Folder = folder;
        Url = url;
    }

    /// <summary>Its data folder.</summary>
    public string Folder { get; }

    /// <summary>Memory that its process has resident now, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Where its gateway listens.</summary>
    public Uri Url { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <param name="roles">What it does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="arguments">More of its command line.</param>
    /// <exception cref="InvalidOperationException">It ended; the message holds its last lines.</exception>
    public static async Task<BenchSilo> StartAsync(
        IReadOnlyList<string> roles,
        CancellationToken cancellationToken,
        params IReadOnlyList<string> arguments
    )
    {
        var folder = Directory.CreateTempSubdirectory("oml-bench-").FullName;
        var log = Path.Combine(folder, "silo.log");
        var start = new ProcessStartInfo(
            "/bin/sh",
            [
                "-c",
                "exec \"$@\" >\"$0\" 2>&1",
                log,
                "dotnet",
                Output("OrleansMl.Silo", "OrleansMl.Silo.dll"),
                "--data",
                folder,
                "--url",
                "http://127.0.0.1:0",
                "--roles",
                string.Join(',', roles),
                .. arguments,
            ]
        )
        {
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        var record = Path.Combine(folder, "silo.json");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!File.Exists(record))
        {
            if (process.HasExited)
                throw new InvalidOperationException(
                    $"The silo ended with {process.ExitCode}: {string.Join('\n', File.ReadLines(log).TakeLast(10))}"
                );
            await timer.WaitForNextTickAsync(cancellationToken);
        }
        using var written = JsonDocument.Parse(
            await File.ReadAllBytesAsync(record, cancellationToken)
        );
        var silo = new BenchSilo(
            process,
            folder,
            new Uri(written.RootElement.GetProperty("url").GetString()!)
        );
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [silo.Url] }
        );
        await client.WaitUntilReadyAsync(cancellationToken);
        return silo;
    }

    /// <summary>Runs <c>oml</c> against it.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> OmlAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(Output("OrleansMl.Cli", "oml"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OML_URL"] = Url.ToString();
        using var oml = Process.Start(start)!;
        var output = oml.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = oml.StandardError.ReadToEndAsync(cancellationToken);
        await oml.WaitForExitAsync(cancellationToken);
        return oml.ExitCode == 0
            ? await output
            : throw new InvalidOperationException(
                $"oml {string.Join(' ', arguments)} ended with {oml.ExitCode}: {await errors}"
            );
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Output(string project, string file) =>
        Path.GetFullPath(Path.Combine("src", project, "bin", "Release", "net10.0", file));
}
