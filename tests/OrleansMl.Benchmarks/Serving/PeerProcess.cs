using System.Diagnostics;
using System.Text.Json;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>The peer in a process of its own, ended with the benchmark.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PeerProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    public int ProcessId => _process.Id;

    /// <summary>Starts it with the models <c>NAME=FILE</c>.</summary>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    public static async Task<PeerProcess> StartAsync(
        IEnumerable<string> models,
        CancellationToken cancellationToken
    )
    {
        var start = Measurement.Self(["serving-peer", .. models]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        // As a service made with the web SDK has it, and the silo.
        start.Environment["DOTNET_gcServer"] = "1";
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        if (line is null || !line.StartsWith('{'))
            throw new InvalidOperationException($"The peer did not start: {line}");
        using var said = JsonDocument.Parse(line);
        return new PeerProcess(process, new Uri(said.RootElement.GetProperty("url").GetString()!));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
