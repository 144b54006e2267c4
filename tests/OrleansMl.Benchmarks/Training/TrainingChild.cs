using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Engines.Torch.Training;

namespace OrleansMl.Benchmarks.Training;

/// <summary>Our side of a measurement: the engine that a worker hosts, in a process of its own.</summary>
internal static class TrainingChild
{
    private const int WarmUpSteps = 100;

    /// <summary>Runs one measurement and prints a line of JSON.</summary>
    public static int Run(string[] args)
    {
        var (what, model, steps, seed, data) = (
            args[0],
            args[1],
            int.Parse(args[2], CultureInfo.InvariantCulture),
            int.Parse(args[3], CultureInfo.InvariantCulture),
            args[4]
        );
        var result = what switch
        {
            "speed" => Speed(model, steps, seed, data, $"log_every_steps: {WarmUpSteps}", "{}"),
            "bare" => Speed(model, steps, seed, data, $"log_every_steps: {WarmUpSteps}", "{}"),
            "full" => Speed(
                model,
                steps,
                seed,
                data,
                "log_every_steps: 20",
                "{ every_seconds: 5 }"
            ),
            "accuracy" => TimeToAccuracy(model, steps, seed, data),
            "memory" => MemoryGrowth(model, steps, seed, data),
            "start" => Start(model, steps, seed, data, args[5]),
            _ => throw new ArgumentOutOfRangeException(nameof(args), what, "unknown measurement"),
        };
        Console.WriteLine(JsonSerializer.Serialize(result));
        return 0;
    }

    /// <summary>Examples a second after a warm-up, all that a step needs included: gathering, conversion, forward, backward, update, loss and accuracy read.</summary>
    private static Dictionary<string, double> Speed(
        string model,
        int steps,
        int seed,
        string data,
        string trainer,
        string checkpoints
    )
    {
        using var observer = new BenchObserver();
        Train(
            new FashionMnist(data, 60_000, validate: false),
            TrainingModels.Config(
                model,
                $"seed: {seed}, epochs: 100, max_steps: {steps}, {trainer}",
                checkpoints
            ),
            observer
        );
        return new()
        {
            ["value"] = observer.StepsPerSecond(WarmUpSteps) * TrainingModels.BatchSize,
            ["checkpoints"] = observer.Checkpoints,
        };
    }

    /// <summary>Seconds from the first step until the 10,000 test images are classified with an accuracy of 0.90, scoring after each epoch included.</summary>
    private static Dictionary<string, double> TimeToAccuracy(
        string model,
        int epochs,
        int seed,
        string data
    )
    {
        var reached = 0.0;
        var best = 0.0;
        BenchObserver? watched = null;
        using var observer = new BenchObserver(Watch);
        watched = observer;
        try
        {
            Train(
                new FashionMnist(data, 60_000, validate: true),
                TrainingModels.Config(model, $"seed: {seed}, epochs: {epochs}"),
                observer
            );
        }
        catch (OperationCanceledException) when (reached > 0)
        {
            // Asked for below.
        }
        return reached > 0
            ? new() { ["value"] = reached, ["accuracy"] = best }
            : throw new InvalidOperationException(
                $"{epochs} epochs gave an accuracy of {best}, 0.90 was expected."
            );

        void Watch(MetricPoint point)
        {
            if (point.Series != "validation" || reached > 0)
                return;
            best = Math.Max(best, point.Values["accuracy"]);
            if (best < 0.90)
                return;
            reached = Stopwatch.GetElapsedTime(watched!.Steps[0].Timestamp).TotalSeconds;
            watched.End();
        }
    }

    /// <summary>MiB by which the process is larger in the last ten epochs than in epochs 11 to 20, native memory included; checkpoints are written.</summary>
    private static Dictionary<string, double> MemoryGrowth(
        string model,
        int epochs,
        int seed,
        string data
    )
    {
        var sizes = new List<double>();
        using var observer = new BenchObserver(point =>
        {
            if (point.Series != "train")
                return;
            GC.Collect();
            sizes.Add(ResidentMiB());
        });
        Train(
            new FashionMnist(data, 6_000, validate: false),
            TrainingModels.Config(model, $"seed: {seed}, epochs: {epochs}", "{ every_steps: 100 }"),
            observer
        );
        var early = BenchRow.Median(sizes[10..20]);
        var late = BenchRow.Median(sizes[^10..]);
        return new()
        {
            ["value"] = late - early,
            ["early"] = early,
            ["late"] = late,
        };
    }

    private static Dictionary<string, double> Start(
        string model,
        int epochs,
        int seed,
        string data,
        string folder
    )
    {
        SharedStart.Write(
            folder,
            model,
            epochs,
            seed,
            new FashionMnist(data, 60_000, validate: true)
        );
        return new() { ["value"] = 0 };
    }

    private static void Train(FashionMnist dataset, string config, BenchObserver observer)
    {
        var scratch = Directory.CreateTempSubdirectory("oml-bench-");
        try
        {
            new TorchTrainingEngine(dataset, TimeProvider.System).Train(
                new TrainingJob
                {
                    Config = config,
                    Dataset = dataset.Manifest,
                    ShardPaths = ["memory"],
                    ScratchDirectory = scratch.FullName,
                    Device = "cpu:0",
                },
                observer
            );
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static double ResidentMiB()
    {
        var line = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
                CultureInfo.InvariantCulture
            ) / 1024;
    }
}
