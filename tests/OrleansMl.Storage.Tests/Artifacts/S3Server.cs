using System.Diagnostics;
using OrleansMl.Storage.Tests.Artifacts;
using OrleansMl.Storage.Tests.Operations;

[assembly: AssemblyFixture(typeof(S3Server))]

namespace OrleansMl.Storage.Tests.Artifacts;

/// <summary>An S3-compatible server (npm's s3rver), started on the first use and ended with the test run.</summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "oml-test";

    /// <summary>The only account that s3rver knows.</summary>
    public const string Key = "S3RVER";

    private readonly string _folder = Path.Combine(
        Path.GetTempPath(),
        $"oml-s3rver-{Guid.NewGuid():N}"
    );
    private readonly Lock _lock = new();
    private Task<(Process Process, Uri Address)>? _started;

    public async Task<Uri> AddressAsync()
    {
        try
        {
            return (await StartedAsync()).Address;
        }
        catch (InvalidOperationException e)
        {
            // Without npm's registry there is no server to ask: inconclusive, not passed.
            Assert.Skip(e.Message);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<(Process Process, Uri Address)>? started;
        lock (_lock)
            started = _started;
        if (started is not { IsCompletedSuccessfully: true })
            return;
        using var process = (await started).Process;
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }

    private Task<(Process Process, Uri Address)> StartedAsync()
    {
        lock (_lock)
            return _started ??= StartAsync();
    }

    private async Task<(Process Process, Uri Address)> StartAsync()
    {
        var script = await TestScript.RunAsync("s3rver");
        Directory.CreateDirectory(_folder);
        var port = PostgresServer.FreePort();
        var process = Process.Start(
            new ProcessStartInfo(
                "node",
                [
                    script,
                    "-d",
                    _folder,
                    "-a",
                    "127.0.0.1",
                    "-p",
                    $"{port}",
                    "--configure-bucket",
                    Bucket,
                ]
            )
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(CancellationToken.None);
            if (line is null)
                throw new InvalidOperationException("s3rver ended before it listened.");
        } while (!line.Contains("listening", StringComparison.OrdinalIgnoreCase));
        // Its log is read on and dropped: a full pipe would stop it.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        return (process, new Uri($"http://127.0.0.1:{port}/"));
    }
}
