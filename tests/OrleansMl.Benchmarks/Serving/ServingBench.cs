using System.Globalization;
using OrleansMl.Benchmarks.Operations;
using OrleansMl.Client;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>
/// What a request costs here and in a plain ASP.NET Core service with the same model, by processor time of the server and by throughput.
/// Load comes from a process of its own; the sides take turns, and each round's ratio counts.
/// </summary>
internal static class ServingBench
{
    private const double Seconds = 2.5;
    private const string Small = "small";
    private const string Large = "large";

    /// <summary>Runs.</summary>
    public static async Task<BenchReport> RunAsync(
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateTempSubdirectory("oml-bench-serving-").FullName;
        try
        {
            var (small, large) = (
                Path.Combine(folder, "small.onnx"),
                Path.Combine(folder, "large.onnx")
            );
            ServingModels.Write(small, hidden: 128, classes: 10);
            ServingModels.Write(large, hidden: 2048, classes: 1000);
            await using var silo = await BenchSilo.StartAsync(
                ["gateway", "serve"],
                cancellationToken
            );
            await ImportAsync(silo, small, large, cancellationToken);
            await using var peer = await PeerProcess.StartAsync(
                [$"{Small}={small}", $"{Large}={large}"],
                cancellationToken
            );
            var cases = Cases();
            // Both sides' code is compiled in full before anything counts.
            foreach (var each in cases)
                await MeasureRoundAsync(each, 0, silo, peer, folder, cancellationToken);
            foreach (var each in cases)
                each.Forget();
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var each in cases)
                    await MeasureRoundAsync(each, round, silo, peer, folder, cancellationToken);
            }
            var pairs = await SiloPairs.MeasureAsync(
                options.Rounds,
                small,
                folder,
                cancellationToken
            );
            return new BenchReport(BenchReport.DescribeMachine(), [.. Rows(cases), pairs]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs the load generator once.</summary>
    public static async Task<ServingFigures> LoadAsync(
        IEnumerable<Uri> urls,
        IEnumerable<int> processes,
        int callers,
        byte[] request,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var file = Path.Combine(folder, "request");
        await File.WriteAllBytesAsync(file, request, cancellationToken);
        var result = await Measurement.RunSelfAsync(
            [
                "serving-load",
                string.Join(',', urls.Select(url => url.Port)),
                callers.ToString(CultureInfo.InvariantCulture),
                Seconds.ToString(CultureInfo.InvariantCulture),
                file,
                string.Join(',', processes),
            ],
            new Dictionary<string, string>(),
            cancellationToken
        );
        return new ServingFigures(
            result.GetProperty("per_second").GetDouble(),
            result.GetProperty("cpu_us").GetDouble(),
            result.GetProperty("p50_us").GetDouble()
        );
    }

    /// <summary>A request of one row in binary to us.</summary>
    public static byte[] OneRow => LoadRequest.OurBinary(Small, 1);

    private static List<ServingCase> Cases() =>
        [
            new("one", 1, OneRow, LoadRequest.PeerBinary(Small, 1)),
            new(
                "json",
                1,
                LoadRequest.Json($"/v2/models/{Small}/infer", 1),
                LoadRequest.Json($"/json/{Small}", 1)
            ),
            new("rows", 1, LoadRequest.OurBinary(Small, 32), LoadRequest.PeerBinary(Small, 32)),
            new("large", 32, LoadRequest.OurBinary(Large, 1), LoadRequest.PeerBinary(Large, 1)),
            new("many", 64, OneRow, LoadRequest.PeerBinary(Small, 1)),
        ];

    private static async Task MeasureRoundAsync(
        ServingCase load,
        int round,
        BenchSilo silo,
        PeerProcess peer,
        string folder,
        CancellationToken cancellationToken
    )
    {
        // Who is first alternates, so that a drift of the machine hits both.
        foreach (var isOurs in round % 2 == 0 ? [true, false] : (bool[])[false, true])
        {
            var (url, process) = isOurs ? (silo.Url, silo.ProcessId) : (peer.Url, peer.ProcessId);
            var figures = await LoadAsync(
                [url],
                [process],
                load.Callers,
                isOurs ? load.Ours : load.Peer,
                folder,
                cancellationToken
            );
            (isOurs ? load.OurRounds : load.PeerRounds).Add(figures);
            Console.Error.WriteLine(
                $"{load.Name} {(isOurs ? "ours" : "peer")}: {figures.Processor:0.0} µs CPU, p50 {figures.Median:0.0} µs, {figures.PerSecond:0}/s"
            );
        }
    }

    private static IEnumerable<BenchRow> Rows(List<ServingCase> cases)
    {
        var (one, json, rows, large, many) = (cases[0], cases[1], cases[2], cases[3], cases[4]);
        yield return Row("binary, 1 row: server CPU a request", "µs", one, f => f.Processor, 1.15);
        yield return Row("binary, 1 row, 1 caller: p50", "µs", one, f => f.Median, 1.1);
        yield return Row(
            "JSON, 784 floats: server CPU a request",
            "µs",
            json,
            f => f.Processor,
            0.5
        );
        yield return Row(
            "binary, 32 rows: server CPU a request",
            "µs",
            rows,
            f => f.Processor,
            0.9
        );
        yield return Row("784-2048-1000, 32 callers", "1/s", large, f => f.PerSecond, 2.5, true);
        yield return Row("784-128-10, 64 callers", "1/s", many, f => f.PerSecond, 1.3, true);
    }

    private static BenchRow Row(
        string name,
        string unit,
        ServingCase load,
        Func<ServingFigures, double> figure,
        double limit,
        bool isLargerBetter = false
    ) =>
        BenchRow.Against(
            name,
            unit,
            [.. load.OurRounds.Select(figure)],
            [.. load.PeerRounds.Select(figure)],
            isLargerBetter,
            limit: limit
        );

    private static async Task ImportAsync(
        BenchSilo silo,
        string small,
        string large,
        CancellationToken cancellationToken
    )
    {
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [silo.Url] }
        );
        await client.Models.ImportAsync(Small, small, cancellationToken: cancellationToken);
        await client.Models.ImportAsync(Large, large, cancellationToken: cancellationToken);
    }
}
