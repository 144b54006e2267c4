using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansMl.Benchmarks.Operations;
using OrleansMl.Client;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>What it costs to have thousands of small models on a silo, and whether loading and letting go leaves anything behind.</summary>
internal static class ModelsBench
{
    private const int Models = 2_000;
    private const int Sample = 100;
    private const int First = 10;
    private const int WarmRounds = 20;
    private const int Cycles = 1_000;
    private const int SmallWidth = 64;
    private const int LargeWidth = 1_024;

    // No more imports at a time than the gateway takes by default.
    private const int Importers = 2;

    /// <summary>Runs.</summary>
    public static async Task<BenchReport> RunAsync(
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateTempSubdirectory("oml-bench-models-").FullName;
        try
        {
            var small = Path.Combine(folder, "small.onnx");
            var large = Path.Combine(folder, "large.onnx");
            SmallModels.Write(small, SmallWidth);
            SmallModels.Write(large, LargeWidth);
            var cycles = await CycleAsync(small, Cycles, cancellationToken);
            var weights = await CycleAsync(large, Sample, cancellationToken);
            var file = new FileInfo(large).Length;
            var rows = await ServeAsync(small, cancellationToken);
            return new BenchReport(
                BenchReport.DescribeMachine(),
                [
                    .. rows,
                    BenchRow.Below(
                        $"memory grown by {Cycles:N0} loads and unloads",
                        "MiB",
                        [cycles.Growth / 1048576.0],
                        16
                    ),
                    BenchRow.Below(
                        $"memory of a loaded model / its file of {file / 1048576.0:0.0} MiB",
                        "×",
                        [(double)weights.Each / file],
                        2,
                        "what OrleansMl:Predictor:MemoryFactor counts"
                    ),
                ]
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(long Growth, long Each)> CycleAsync(
        string model,
        int cycles,
        CancellationToken cancellationToken
    )
    {
        var measured = await Measurement.RunSelfAsync(
            [
                LoadCycles.Name,
                model,
                cycles.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ],
            // Without it the native library starts a thread for telemetry.
            new Dictionary<string, string> { ["ORT_DISABLE_TELEMETRY"] = "1" },
            cancellationToken
        );
        return (measured.GetProperty("growth").GetInt64(), measured.GetProperty("each").GetInt64());
    }

    private static async Task<IReadOnlyList<BenchRow>> ServeAsync(
        string model,
        CancellationToken cancellationToken
    )
    {
        await using var silo = await BenchSilo.StartAsync(["gateway", "serve"], cancellationToken);
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [silo.Url] }
        );
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Models),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = Importers,
                CancellationToken = cancellationToken,
            },
            async (i, token) =>
                await client.Models.ImportAsync(Name(i), model, cancellationToken: token)
        );
        using var http = new HttpClient { BaseAddress = silo.Url };
        var body = await BodyAsync(http, cancellationToken);
        // What is paid once, for the first model.
        await CallAsync(http, 0, body, cancellationToken);
        var before = silo.ResidentBytes;
        var cold = new double[Models];
        for (var i = 1; i < Models; i++)
            cold[i] = await CallAsync(http, i, body, cancellationToken);
        var memory = silo.ResidentBytes - before;
        var first = new List<double>();
        var last = new List<double>();
        // Turn by turn: what else the machine does is the same for both.
        for (var round = 0; round < WarmRounds; round++)
        {
            for (var i = 0; i < Sample; i++)
            {
                first.Add(await CallAsync(http, First + i, body, cancellationToken));
                last.Add(await CallAsync(http, Models - Sample + i, body, cancellationToken));
            }
        }
        return
        [
            BenchRow.Below(
                $"memory of one of {Models:N0} loaded models",
                "KiB",
                [memory / 1024.0 / (Models - 1)],
                1_024
            ),
            BenchRow.Below(
                $"first call of the last {Sample} models / of the first",
                "×",
                [Median(cold, Models - Sample) / Median(cold, First)],
                1.5,
                $"{Median(cold, Models - Sample):0.0} ms"
            ),
            BenchRow.Below(
                $"warm call of the last {Sample} models / of the first",
                "×",
                [BenchRow.Median(last) / BenchRow.Median(first)],
                1.25,
                $"{BenchRow.Median(last):0.000} ms, HTTP included"
            ),
        ];
    }

    private static double Median(double[] values, int from) =>
        BenchRow.Median([.. values.Skip(from).Take(Sample)]);

    private static string Name(int i) => $"small-{i}";

    private static async Task<string> BodyAsync(
        HttpClient http,
        CancellationToken cancellationToken
    )
    {
        var metadata = await http.GetFromJsonAsync<JsonElement>(
            $"/v2/models/{Name(0)}",
            cancellationToken
        );
        return JsonSerializer.Serialize(
            new
            {
                inputs = metadata
                    .GetProperty("inputs")
                    .EnumerateArray()
                    .Select(input =>
                    {
                        long[] shape =
                        [
                            .. input
                                .GetProperty("shape")
                                .EnumerateArray()
                                .Select(d => Math.Max(1, d.GetInt64())),
                        ];
                        return new
                        {
                            name = input.GetProperty("name").GetString(),
                            datatype = input.GetProperty("datatype").GetString(),
                            shape,
                            data = new double[shape.Aggregate(1L, (product, d) => product * d)],
                        };
                    }),
            }
        );
    }

    /// <summary>Milliseconds of a call.</summary>
    private static async Task<double> CallAsync(
        HttpClient http,
        int model,
        string body,
        CancellationToken cancellationToken
    )
    {
        using var content = new StringContent(body, null, "application/json");
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.PostAsync(
            $"/v2/models/{Name(model)}/infer",
            content,
            cancellationToken
        );
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var spent = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return answer.IsSuccessStatusCode
            ? spent
            : throw new InvalidOperationException(
                $"{Name(model)}: {(int)answer.StatusCode} {text}"
            );
    }
}
