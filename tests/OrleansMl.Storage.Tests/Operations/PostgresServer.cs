using System.Diagnostics;
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

    public async ValueTask DisposeAsync()
    {
        Task<string>? started;
        lock (_lock)
            started = _started;
        if (started is null)
            return;
        await started;
        await ScriptAsync("stop", _folder);
        Directory.Delete(_folder, recursive: true);
        File.Delete(_folder + ".lock");
        File.Delete(_folder + ".log");
    }

    /// <summary>Runs scripts/postgres and gives its last line.</summary>
    public static async Task<string> ScriptAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(RepositoryRoot(), "scripts", "postgres"))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        // To the end even when the test was cancelled: half a start would leave a server behind.
        await process.WaitForExitAsync(CancellationToken.None);
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"scripts/postgres {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}"
            );
        return (await output).Trim().Split('\n')[^1];
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrleansMl.sln")))
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!;
        return folder;
    }

    private Task<string> StartedAsync()
    {
        lock (_lock)
            return _started ??= ScriptAsync("start", _folder, $"{FreePort()}");
    }
}
