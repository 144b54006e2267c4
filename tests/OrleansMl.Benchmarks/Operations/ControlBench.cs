using System.Diagnostics;
using OrleansMl.Client;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Export;

namespace OrleansMl.Benchmarks.Operations;

/// <summary>What the control plane costs when much is in it: 10,000 versions of a model and 100 queued runs in a silo of its own.</summary>
internal static class ControlBench
{
    private const int Versions = 10_000;
    private const int QueuedRuns = 100;
    private const double StatusLimitSeconds = 1;

    // No more imports at a time than the gateway takes by default.
    private const int Importers = 2;

    private const string Config = """
        name: waits
        model: waits
        dataset: points
        input_features: [{ name: x, type: number }]
        output_features: [{ name: y, type: number }]
        combiner: { type: linear }
        """;

    /// <summary>Runs.</summary>
    public static async Task<BenchReport> RunAsync(
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        await using var silo = await BenchSilo.StartAsync(["gateway", "serve"], cancellationToken);
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [silo.Url] }
        );
        var few = await TimeStatusAsync(silo, options.Rounds, cancellationToken);
        await QueueRunsAsync(client, silo.Folder, cancellationToken);
        var (first, last) = await RegisterVersionsAsync(client, silo.Folder, cancellationToken);
        var many = await TimeStatusAsync(silo, options.Rounds, cancellationToken);
        var status = await client.StatusAsync(cancellationToken);
        if (status.ModelVersions != Versions || status.Pool.Queue.Count != QueuedRuns)
            throw new InvalidOperationException(
                $"The cluster has {status.ModelVersions} versions and {status.Pool.Queue.Count} queued runs, wanted {Versions} and {QueuedRuns}."
            );
        return new BenchReport(
            BenchReport.DescribeMachine(),
            [
                BenchRow.Below(
                    $"oml status, {Versions:N0} versions and {QueuedRuns} queued runs",
                    "s",
                    many,
                    StatusLimitSeconds,
                    $"the whole process; {BenchRow.Median(few):0.00} s in an empty cluster"
                ),
                BenchRow.Below(
                    $"registering the last hundred of {Versions:N0} versions / the first hundred",
                    "×",
                    [last / first],
                    2
                ),
            ]
        );
    }

    private static async Task<double[]> TimeStatusAsync(
        BenchSilo silo,
        int rounds,
        CancellationToken cancellationToken
    )
    {
        var seconds = new double[rounds];
        for (var i = 0; i < rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await silo.OmlAsync(["status"], cancellationToken);
            seconds[i] = Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
        return seconds;
    }

    private static async Task QueueRunsAsync(
        OrleansMlClient client,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var csv = Path.Combine(folder, "points.csv");
        await File.WriteAllLinesAsync(
            csv,
            ["x,y", .. Enumerable.Range(0, 100).Select(i => $"{i},{2 * i}")],
            cancellationToken
        );
        await client.Datasets.ImportAsync("points", [csv], cancellationToken: cancellationToken);
        for (var i = 0; i < QueuedRuns; i++)
            await client.Runs.SubmitAsync(
                Config,
                new TrainingRunId($"waits-{i}"),
                cancellationToken
            );
    }

    /// <summary>Registers all versions; returns the seconds that the first and the last hundred took.</summary>
    private static async Task<(double First, double Last)> RegisterVersionsAsync(
        OrleansMlClient client,
        string folder,
        CancellationToken cancellationToken
    )
    {
        const int Hundred = 100;
        var path = Path.Combine(folder, "line.onnx");
        await using (var file = File.Create(path))
            OnnxExporter.Write(
                Line,
                [Parameter("weight", [1, 1], 2), Parameter("bias", [1], 0)],
                file
            );
        var seconds = new List<double>();
        for (var done = 0; done < Versions; done += Hundred)
        {
            var began = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, Hundred),
                new ParallelOptions
                {
                    MaxDegreeOfParallelism = Importers,
                    CancellationToken = cancellationToken,
                },
                async (_, token) =>
                    await client.Models.ImportAsync("line", path, cancellationToken: token)
            );
            seconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        // Not the very first: it pays for everything that is done once.
        return (seconds[1], seconds[^1]);
    }

    private static NamedParameter Parameter(string name, long[] shape, float value) =>
        new($"{ParameterNames.Layer(ParameterNames.Head("y"), 0)}.{name}", shape, new[] { value });

    private static ModelPlan Line { get; } =
        new(
            [new("x", "x", new NumberTransform(0, 0, 1), [], 1)],
            [],
            1,
            [
                new()
                {
                    Name = "y",
                    Column = "y",
                    Type = FeatureType.Number,
                    Loss = LossKind.MeanSquared,
                    Layers = [new LinearLayer(1, 1)],
                },
            ]
        );
}
