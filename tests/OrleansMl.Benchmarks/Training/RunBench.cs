using OrleansMl.Benchmarks.Operations;
using OrleansMl.Client;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Benchmarks.Training;

/// <summary>What a run costs around its training, in a silo of its own: everything between submission and registration that is not training.</summary>
internal static class RunBench
{
    private const int Epochs = 8;

    /// <summary>Measures per cent of the training's time, a value a run.</summary>
    public static async Task<BenchReport> RunAsync(
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        await using var silo = await BenchSilo.StartAsync(
            ["gateway", "serve", "train"],
            cancellationToken
        );
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [silo.Url] }
        );
        await client.Datasets.ImportAsync(
            "fashion",
            [
                .. new[]
                {
                    "train-images-idx3",
                    "train-labels-idx1",
                    "t10k-images-idx3",
                    "t10k-labels-idx1",
                }.Select(name => Find(options.Data, $"{name}-ubyte")),
            ],
            cancellationToken: cancellationToken
        );
        var around = new List<double>();
        var longest = 0.0;
        // A run is a measurement in itself: its parts are on one clock, so that two are enough.
        for (var round = 1; round <= Math.Min(options.Rounds, 2); round++)
        {
            var run = await RunOnceAsync(client, round, cancellationToken);
            var seconds = (run.EndedAt!.Value - run.SubmittedAt).TotalSeconds;
            around.Add(100 * ((seconds / run.TrainingSeconds) - 1));
            longest = Math.Max(longest, seconds - run.TrainingSeconds);
            await Console.Error.WriteLineAsync(
                $"around training, run {round}: {seconds:0.0} s from submission to registration, {run.TrainingSeconds:0.0} s of it training"
            );
        }
        return new BenchReport(
            BenchReport.DescribeMachine(),
            [
                BenchRow.Below(
                    "A run around its training, submission to registration",
                    "%",
                    around,
                    3,
                    $"CNN, {Epochs} epochs; at most {longest:0.0} s a run: queueing, the worker's start, loading the rows, export, the check of the model, uploads, registration."
                ),
            ]
        );
    }

    private static async Task<TrainingRunSnapshot> RunOnceAsync(
        OrleansMlClient client,
        int seed,
        CancellationToken cancellationToken
    )
    {
        var id = new TrainingRunId($"around-{seed}");
        await client.Runs.SubmitAsync(
            TrainingModels.Config("cnn", $"seed: {seed}, epochs: {Epochs}"),
            id,
            cancellationToken
        );
        await foreach (var update in client.Runs.WatchAsync(id, cancellationToken))
        {
            if (update.Run.EndedAt is not null)
                return update.Run.Phase == TrainingRunPhase.Succeeded
                    ? update.Run
                    : throw new InvalidOperationException(
                        $"Run '{id}' ended {update.Run.Phase}: {update.Run.Error}"
                    );
        }
        throw new InvalidOperationException($"The watch of run '{id}' ended before the run.");
    }

    private static string Find(string folder, string name)
    {
        var plain = Path.Combine(folder, name);
        return File.Exists(plain) ? plain : plain + ".gz";
    }
}
