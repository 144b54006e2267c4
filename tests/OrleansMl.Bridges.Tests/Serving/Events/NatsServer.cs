using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansMl.Bridges.Tests.Serving.Events;

/// <summary>A real nats-server with JetStream on a folder of its own. It must be installed (Debian: nats-server); without it tests fail.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/sbin/nats-server", "nats-server"];
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-nats-").FullName;
    private readonly int _port = FreePort();
    private Process? _process;

    public string Url => $"nats://127.0.0.1:{_port}";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var program = Programs.FirstOrDefault(File.Exists) ?? Programs[^1];
        _process = Process.Start(
            new ProcessStartInfo(
                program,
                ["-a", "127.0.0.1", "-p", $"{_port}", "-js", "-sd", _folder]
            )
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            }
        )!;
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(cancellationToken);
            if (line is null)
                throw new InvalidOperationException("nats-server ended before it was ready.");
        } while (!line.Contains("Server is ready", StringComparison.Ordinal));
        // Its log is read on and dropped: a full pipe would stop it.
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
    }

    /// <summary>As kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
