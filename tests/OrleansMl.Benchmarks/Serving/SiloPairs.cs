using System.Diagnostics;
using OrleansMl.Benchmarks.Operations;
using OrleansMl.Client;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>
/// What a request costs when two silos of one cluster share the callers, against a cluster of one silo that has them all. Each cluster
/// has a PostgreSQL server of its own; the sides take turns, and as many callers as on the other side come in all.
/// </summary>
internal static class SiloPairs
{
    private const int Callers = 8;
    private const double Limit = 1.1;
    private const string Model = "small";
    private const string Name = "two silos / one: CPU of the silos a request";

    // A silo compiles what it runs often anew in the background: after so many windows of the whole load it has done so.
    private const int WarmUps = 3;

    /// <summary>Measures.</summary>
    public static async Task<BenchRow> MeasureAsync(
        int rounds,
        string model,
        string folder,
        CancellationToken cancellationToken
    )
    {
        // PostgreSQL runs as a user of its own, which can't get into private temporary folders.
        var databases = Path.Combine("/var/tmp", Path.GetFileName(folder));
        string[] names = [$"{databases}-one", $"{databases}-two"];
        try
        {
            var connections = new List<string>();
            try
            {
                foreach (var database in names)
                    connections.Add(
                        await PostgresAsync(["start", database, $"{FreePort()}"], cancellationToken)
                    );
            }
            catch (InvalidOperationException e)
            {
                return BenchRow.Against(Name, "µs", [], [], false, e.Message, Limit);
            }
            await using var alone = await StartAsync("alone", connections[0], cancellationToken);
            await using var first = await StartAsync("silo-1", connections[1], cancellationToken);
            await using var second = await StartAsync("silo-2", connections[1], cancellationToken);
            return await CompareAsync(
                rounds,
                [alone],
                [first, second],
                model,
                folder,
                cancellationToken
            );
        }
        finally
        {
            foreach (var database in names)
                await RemoveAsync(database);
        }
    }

    private static async Task<BenchRow> CompareAsync(
        int rounds,
        BenchSilo[] one,
        BenchSilo[] two,
        string model,
        string folder,
        CancellationToken cancellationToken
    )
    {
        foreach (var silo in (BenchSilo[])[one[0], two[0]])
        {
            using var client = new OrleansMlClient(
                new OrleansMlClientOptions { Endpoints = [silo.Url] }
            );
            await client.Models.ImportAsync(Model, model, cancellationToken: cancellationToken);
        }
        // Each silo by itself, under the whole load: half of it would leave a silo of the pair half as warm.
        foreach (var silo in (BenchSilo[])[.. one, .. two])
        {
            for (var window = 0; window < WarmUps; window++)
                await LoadAsync([silo], folder, cancellationToken);
        }
        var (ones, twos) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            // Who is first alternates, so that a drift of the machine hits both.
            foreach (var isPair in round % 2 == 0 ? [true, false] : (bool[])[false, true])
                (isPair ? twos : ones).Add(
                    await LoadAsync(isPair ? two : one, folder, cancellationToken)
                );
            Console.Error.WriteLine($"silos: two {twos[^1]:0.0} µs CPU, one {ones[^1]:0.0} µs CPU");
        }
        return BenchRow.Against(Name, "µs", twos, ones, false, limit: Limit);
    }

    private static async Task RemoveAsync(string database)
    {
        if (!Directory.Exists(database))
            return;
        await PostgresAsync(["stop", database], CancellationToken.None);
        Directory.Delete(database, recursive: true);
        File.Delete($"{database}.lock");
        File.Delete($"{database}.log");
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
