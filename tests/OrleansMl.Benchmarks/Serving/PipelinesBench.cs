using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OrleansMl.Benchmarks.Operations;
using OrleansMl.Client;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>
/// What a pipeline of three models costs beside its parts: the silo's own time from a read request to the answer, by the metric
/// <c>oml.gateway.inference.duration</c>, so that neither side's HTTP counts. All four are called turn by turn.
/// </summary>
internal static partial class PipelinesBench
{
    private const int Calls = 100;
    private const int WarmCalls = 100;
    private const string Chain = "bench-chain";
    private const string Cascade = "bench-cascade";
    private static readonly string[] Parts = ["bench-a", "bench-b", "bench-c"];
    private static readonly (int Width, int Rows)[] Sizes = [(128, 1), (512, 8), (1_024, 32)];

    /// <summary>Runs.</summary>
    public static async Task<BenchReport> RunAsync(
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateTempSubdirectory("oml-bench-pipelines-").FullName;
        try
        {
            List<BenchRow> rows = [];
            foreach (var (width, count) in Sizes)
                rows.AddRange(
                    await MeasureAsync(folder, width, count, options.Rounds, cancellationToken)
                );
            return new BenchReport(BenchReport.DescribeMachine(), rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<BenchRow>> MeasureAsync(
        string folder,
        int width,
        int rows,
        int rounds,
        CancellationToken cancellationToken
    )
    {
        var file = Path.Combine(folder, $"{width}.onnx");
        SmallModels.Write(file, width);
        await using var silo = await BenchSilo.StartAsync(
            ["gateway", "serve"],
            cancellationToken,
            "--Telemetry:Prometheus",
            "true"
        );
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [silo.Url] }
        );
        foreach (var part in Parts)
            await client.Models.ImportAsync(part, file, cancellationToken: cancellationToken);
        await client.Pipelines.SaveAsync(
            Chain,
            """
            steps:
              - { name: a, model: bench-a }
              - { name: b, model: bench-b, inputs: { x: a.y } }
              - { name: c, model: bench-c, inputs: { x: b.y } }
            outputs: { y: c.y }
            """,
            cancellationToken: cancellationToken
        );
        await client.Pipelines.SaveAsync(
            Cascade,
            """
            steps:
              - name: answer
                type: cascade
                stages:
                  - { model: bench-a, accept: y > 1000000000 }
                  - { model: bench-b, accept: y > 1000000000 }
                  - { model: bench-c }
                outputs: [y]
            outputs: { y: answer.y }
            """,
            cancellationToken: cancellationToken
        );
        using var http = new HttpClient { BaseAddress = silo.Url };
        var body =
            $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[{{rows}},1],"data":[{{string.Join(',', Enumerable.Repeat("0.5", rows))}}]}]}""";
        string[] all = [Chain, Cascade, .. Parts];
        await CallAsync(http, all, body, WarmCalls, cancellationToken);
        var (chains, cascades, sums) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var before = await SecondsAsync(http, cancellationToken);
            await CallAsync(http, all, body, Calls, cancellationToken);
            var after = await SecondsAsync(http, cancellationToken);
            double Microseconds(string model) => (after[model] - before[model]) / Calls * 1e6;
            chains.Add(Microseconds(Chain));
            cascades.Add(Microseconds(Cascade));
            sums.Add(Parts.Sum(Microseconds));
        }
        return
        [
            BenchRow.Against(
                $"a chain of three, width {width}, {rows} rows / its models",
                "µs",
                chains,
                sums,
                largerIsBetter: false,
                limit: 1.1
            ),
            BenchRow.Against(
                $"a cascade to its third stage, width {width}, {rows} rows / its models",
                "µs",
                cascades,
                sums,
                largerIsBetter: false,
                "conditions and copies of rows included",
                limit: 1.1
            ),
        ];
    }

    private static async Task CallAsync(
        HttpClient http,
        IReadOnlyList<string> models,
        string body,
        int calls,
        CancellationToken cancellationToken
    )
    {
        // Turn by turn: what else the machine does is the same for all.
        for (var i = 0; i < calls; i++)
        {
            foreach (var model in models)
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync(
                    $"/v2/models/{model}/infer",
                    content,
                    cancellationToken
                );
                if (!answer.IsSuccessStatusCode)
                    throw new InvalidOperationException(
                        $"{model}: {await answer.Content.ReadAsStringAsync(cancellationToken)}"
                    );
            }
        }
    }

    /// <summary>The silo's own time so far, by model.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> SecondsAsync(
        HttpClient http,
        CancellationToken cancellationToken
    ) =>
        Line()
            .Matches(await http.GetStringAsync("/metrics", cancellationToken))
            .ToDictionary(
                line => line.Groups["model"].Value,
                line => double.Parse(line.Groups["seconds"].Value, CultureInfo.InvariantCulture)
            );

    [GeneratedRegex(
        "^oml_gateway_inference_duration_seconds_sum\\{[^}]*model=\"(?<model>[^\"]+)\"[^}]*\\} (?<seconds>[0-9.eE+-]+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Line();
}
