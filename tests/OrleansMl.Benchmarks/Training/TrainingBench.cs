using System.Text.Json;

namespace OrleansMl.Benchmarks.Training;

/// <summary>
/// Training beside Debian's PyTorch (python3-torch): the same models, data, batch size, optimizer, one thread, and the
/// environment that a silo gives its workers on both sides; each measurement in a process of its own, the sides in turn.
/// </summary>
internal static class TrainingBench
{
    private const string Python = "/usr/bin/python3";

    /// <summary>As WorkerLauncher sets it.</summary>
    private static readonly Dictionary<string, string> WorkerEnvironment = new()
    {
        ["OMP_NUM_THREADS"] = "1",
        ["OPENBLAS_NUM_THREADS"] = "1",
        ["OMP_WAIT_POLICY"] = "passive",
        ["MALLOC_MMAP_THRESHOLD_"] = "1000000000",
        ["MALLOC_TRIM_THRESHOLD_"] = "1000000000",
    };

    private static readonly (
        string Model,
        string What,
        int Amount,
        string Name,
        string Unit,
        bool Larger
    )[] Comparisons =
    [
        ("mlp", "speed", 3_000, "MLP 784-128-10, batch 128", "examples/s", true),
        ("cnn", "speed", 350, "CNN 32-64-128-10, batch 128", "examples/s", true),
        ("cnn", "accuracy", 15, "CNN, time to 0.90 on the test images", "s", false),
    ];

    /// <summary>Measures.</summary>
    public static async Task<BenchReport> RunAsync(BenchOptions options, CancellationToken stop)
    {
        var (peer, problem) = await DescribePeerAsync(stop);
        var rows = new List<BenchRow>();
        foreach (var (model, what, amount, name, unit, larger) in Comparisons)
        {
            var ours = new List<double>();
            var theirs = new List<double>();
            for (var round = 1; round <= options.Rounds; round++)
            {
                string[] arguments = [what, model, $"{amount}", $"{round}", options.Data];
                // Whoever goes first alternates: neither always finds the machine as the other left it.
                if (round % 2 == 1)
                    await MeasureOursAsync(arguments, ours, stop);
                if (problem is null)
                    theirs.Add(await MeasurePeerAsync(arguments, stop));
                if (round % 2 == 0)
                    await MeasureOursAsync(arguments, ours, stop);
                await Console.Error.WriteLineAsync(
                    $"{name}, round {round}: ours {ours[^1]:0.##}, peer {(problem is null ? $"{theirs[^1]:0.##}" : problem)} {unit}"
                );
            }
            rows.Add(BenchRow.Against(name, unit, ours, theirs, larger, problem ?? ""));
        }
        rows.Add(await OverheadAsync(options, stop));
        rows.Add(await MemoryAsync(options, stop));
        return new BenchReport($"{BenchReport.DescribeMachine()}; peer: {peer}", rows);
    }

    /// <summary>Step metrics every 20 steps and a checkpoint every 5 s (the default is every 60 s) against neither.</summary>
    private static async Task<BenchRow> OverheadAsync(BenchOptions options, CancellationToken stop)
    {
        var overheads = new List<double>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            string[] rest = ["cnn", "500", $"{round}", options.Data];
            var bare = Value(await MeasureSelfAsync(["bare", .. rest], stop));
            var full = Value(await MeasureSelfAsync(["full", .. rest], stop));
            overheads.Add(100 * ((bare / full) - 1));
            await Console.Error.WriteLineAsync(
                $"overhead, round {round}: {bare:0} without, {full:0} examples/s with"
            );
        }
        return BenchRow.Below(
            "Checkpoints and metrics around training",
            "%",
            overheads,
            3,
            "CNN; a checkpoint every 5 s where the default is 60 s."
        );
    }

    private static async Task<BenchRow> MemoryAsync(BenchOptions options, CancellationToken stop)
    {
        var result = await MeasureSelfAsync(["memory", "small_cnn", "50", "1", options.Data], stop);
        return BenchRow.Below(
            "Memory growth over 50 epochs",
            "MiB",
            [Value(result)],
            5,
            $"resident: {result.GetProperty("early").GetDouble():0} MiB in epochs 11 to 20, {result.GetProperty("late").GetDouble():0} in the last ten, checkpoints included."
        );
    }

    private static async Task MeasureOursAsync(
        string[] arguments,
        List<double> values,
        CancellationToken stop
    ) => values.Add(Value(await MeasureSelfAsync(arguments, stop)));

    private static Task<JsonElement> MeasureSelfAsync(string[] arguments, CancellationToken stop) =>
        Measurement.RunSelfAsync(["training", .. arguments], WorkerEnvironment, stop);

    private static async Task<double> MeasurePeerAsync(string[] arguments, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("oml-bench-start-");
        try
        {
            if (arguments is not ["accuracy", .. var rest])
                return Value(await RunPeerAsync(arguments, stop));
            await MeasureSelfAsync(["start", .. rest, folder.FullName], stop);
            return Value(await RunPeerAsync([.. arguments, folder.FullName], stop));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<JsonElement> RunPeerAsync(string[] arguments, CancellationToken stop) =>
        Measurement.RunAsync(
            Python,
            [Path.Combine(AppContext.BaseDirectory, "peers", "train_torch.py"), .. arguments],
            WorkerEnvironment,
            stop
        );

    /// <summary>What the peer is, and why it can't be compared with, or null.</summary>
    private static async Task<(string Peer, string? Problem)> DescribePeerAsync(
        CancellationToken stop
    )
    {
        try
        {
            var peer = await RunPeerAsync(["describe"], stop);
            var description = peer.GetProperty("description").GetString()!;
            return peer.GetProperty("reference_blas").GetBoolean()
                ? (
                    description,
                    "the peer runs on the slow reference BLAS; install libopenblas0-pthread"
                )
                : (description, null);
        }
        catch (Exception error)
            when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return (
                "none",
                $"the peer can't run; install python3-torch and libopenblas0-pthread ({error.Message.ReplaceLineEndings(" ")})"
            );
        }
    }

    private static double Value(JsonElement result)
    {
        var value = result.GetProperty("value").GetDouble();
        return double.IsFinite(value)
            ? value
            : throw new InvalidOperationException($"A measurement gave {value}.");
    }
}
