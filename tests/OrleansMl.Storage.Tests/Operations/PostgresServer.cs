using System.Net;
using System.Net.Sockets;
using Npgsql;
using OrleansMl.Storage.Tests.Operations;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>A private PostgreSQL server, started by scripts/postgres on the first use and ended with the test run.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(
        Path.GetTempPath(),
        $"oml-postgres-{Guid.NewGuid():N}"
    );
    private readonly int _port = FreePort();
    private readonly Lock _lock = new();
    private Task<string>? _started;

    public async Task<string> CreateDatabaseAsync()
    {
        var server = await StartedAsync();
        var name = $"test_{Guid.NewGuid():N}";
        await using var source = NpgsqlDataSource.Create(server);
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    /// <summary>Ends the server as an operator would; its data stays.</summary>
    public Task StopAsync() => TestScript.RunAsync("postgres", "stop", _folder);

    public Task RestartAsync() => TestScript.RunAsync("postgres", "start", _folder, $"{_port}");

    public async ValueTask DisposeAsync()
    {
        Task<string>? started;
        lock (_lock)
            started = _started;
        if (started is null)
            return;
        await started;
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
        File.Delete(_folder + ".lock");
        File.Delete(_folder + ".log");
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task<string> StartedAsync()
    {
        lock (_lock)
            return _started ??= TestScript.RunAsync("postgres", "start", _folder, $"{_port}");
    }
}
