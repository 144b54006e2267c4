using System.Diagnostics;
using OrleansMl.Benchmarks.Operations;
using OrleansMl.Client;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>What a request costs when two silos of one cluster share the callers, against one silo that has them all. The cluster's database is a PostgreSQL server of its own.</summary>
internal static class SiloPairs
{
    private const int Callers = 8;
    private const double Limit = 1.1;
    private const string Name = "two silos / one: CPU of the silos a request";

    /// <summary>Measures.</summary>
    public static async Task<BenchRow> MeasureAsync(
        int rounds,
        string model,
        string folder,
        CancellationToken cancellationToken
    )
    {
        // PostgreSQL runs as a user of its own, which can't get into private temporary folders.
        var database = Path.Combine("/var/tmp", Path.GetFileName(folder));
        string connection;
        try
        {
            connection = await PostgresAsync(
                ["start", database, $"{FreePort()}"],
                cancellationToken
            );
        }
        catch (InvalidOperationException e)
        {
            return BenchRow.Against(Name, "µs", [], [], false, e.Message, Limit);
        }
        try
        {
            var (two, one) = (new List<double>(), new List<double>());
            await using var first = await StartAsync("silo-1", connection, cancellationToken);
            await using (var second = await StartAsync("silo-2", connection, cancellationToken))
            {
                using var client = new OrleansMlClient(
                    new OrleansMlClientOptions { Endpoints = [first.Url] }
                );
                await client.Models.ImportAsync(
                    "small",
                    model,
                    cancellationToken: cancellationToken
                );
                for (var round = 0; round < rounds; round++)
                    two.Add(await LoadAsync([first, second], folder, cancellationToken));
            }
            for (var round = 0; round < rounds; round++)
                one.Add(await LoadAsync([first], folder, cancellationToken));
            return BenchRow.Against(Name, "µs", two, one, false, limit: Limit);
        }
        finally
        {
            await PostgresAsync(["stop", database], CancellationToken.None);
            Directory.Delete(database, recursive: true);
            File.Delete($"{database}.lock");
            File.Delete($"{database}.log");
        }
    }

    private static async Task<double> LoadAsync(
        BenchSilo[] silos,
        string folder,
        CancellationToken cancellationToken
    ) =>
        (
            await ServingBench.LoadAsync(
                silos.Select(silo => silo.Url),
                silos.Select(silo => silo.ProcessId),
                Callers,
                ServingBench.OneRow,
                folder,
                cancellationToken
            )
        ).Processor;

    private static Task<BenchSilo> StartAsync(
        string name,
        string connection,
        CancellationToken cancellationToken
    ) =>
        BenchSilo.StartAsync(
            ["gateway", "serve"],
            cancellationToken,
            [
                "--name",
                name,
                "--Storage:Database:Provider",
                "PostgreSql",
                "--Storage:Database:ConnectionString",
                connection,
                "--Storage:Artifacts:Kind",
                "PostgreSql",
            ]
        );

    private static async Task<string> PostgresAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken
    )
    {
        using var script = Process.Start(
            new ProcessStartInfo("scripts/postgres", arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = script.StandardError.ReadToEndAsync(cancellationToken);
        // The server that it starts keeps the output open: its first line is all there is to wait for.
        var line = await script.StandardOutput.ReadLineAsync(cancellationToken);
        await script.WaitForExitAsync(cancellationToken);
        return script.ExitCode == 0
            ? line ?? ""
            : throw new InvalidOperationException($"scripts/postgres: {await errors}");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
