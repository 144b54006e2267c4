using System.Globalization;
using OrleansMl.Client;
using OrleansMl.Client.Endpoints;
using OrleansMl.Cluster.Tests.Operations;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>Serving under load while versions, shares and silos change. <c>scripts/soak serving</c> runs it for half an hour.</summary>
[Trait("category", "cluster")]
public sealed class ServingSoakTests(ClusterFixture cluster, ITestOutputHelper output)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(2);

    // Begun by scripts/soak serving: a minute on a busy machine is too short for a verdict.
    [Fact(Explicit = true)]
    public async Task No_answer_is_wrong_or_missing_while_versions_swap_and_silos_come_and_go()
    {
        var time = TimeProvider.System;
        var settings = new SoakSettings(
            Number("OML_SOAK_MINUTES", 1),
            Number("OML_TEST_SEED", 20_260_101),
            Number("OML_SOAK_RATE", 100)
        );
        var folder = Path.Combine(ClusterScript.Root, "artifacts", "soak");
        Directory.CreateDirectory(folder);
        using var journal = new SoakJournal(Path.Combine(folder, "serving.log"), time);
        var tally = new SoakTally(journal);
        using var silos = new SoakSilos(cluster.Script, new Random(settings.Seed));
        var alias = new RouteTimeline("champion", time, SoakSettings.Refresh);
        var split = new RouteTimeline("split", time, SoakSettings.Refresh, _ => alias);
        using var clients = new SoakClients(silos.Urls, tally);
        using var memory = new SiloMemory(
            cluster.Script,
            SoakSettings.Survivor,
            Path.Combine(folder, "serving-memory.csv"),
            time
        );
        using var operating = new OrleansMlClient(
            new OrleansMlClientOptions
            {
                Endpoints = [cluster.Script.Url(SoakSettings.Survivor)],
                Discovery = EndpointDiscovery.Cluster,
                OnRetry = notice => journal.Note($"the operator tries again: {notice.Reason}"),
            }
        );
        var disturb = new SoakOperator(
            operating,
            silos,
            clients,
            tally,
            alias,
            split,
            settings,
            journal,
            time
        );
        journal.Note($"{settings}");
        await disturb.PrepareAsync(cluster.Script.Folder, TestContext.Current.CancellationToken);

        var started = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken
        );
        var working = Task.WhenAll(
            new SoakLoad(clients, tally, alias, split, settings, time).RunAsync(stop.Token),
            memory.RunAsync(stop.Token),
            ProgressAsync(tally, memory, journal, time, stop.Token),
            WatchPausesAsync(tally, journal, time, stop.Token)
        );
        await disturb.RunAsync(stop.Token);
        var rest = (settings.Minutes * Minute) - time.GetElapsedTime(started);
        // The last change is to be seen by calls too, however late it came.
        var seen = 3 * SoakSettings.Refresh;
        await Task.Delay(rest > seen ? rest : seen, time, stop.Token);
        await stop.CancelAsync();
        await working;

        foreach (var unseen in alias.Unseen().Concat(split.Unseen()))
            tally.Missed(unseen);
        foreach (var skewed in split.Skewed())
            tally.Violated(skewed);
        if (split.Judged == 0)
            tally.Missed("no split held long enough for its shares to be judged");
        var report = new SoakReport(settings, tally, memory, time.GetElapsedTime(started)).Write();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "serving.txt"),
            report,
            TestContext.Current.CancellationToken
        );
        KeepLogs(folder);
        // The other tests' silos again.
        await cluster.Script.RunAsync("scale", "3");
        output.WriteLine(report);
        Assert.True(
            tally.ViolationCount == 0 && tally.Inconclusive.Count == 0,
            $"See artifacts/soak.\n{report}"
        );
    }

    private void KeepLogs(string folder)
    {
        var logs = Path.Combine(folder, "logs");
        if (Directory.Exists(logs))
            Directory.Delete(logs, recursive: true);
        Directory.CreateDirectory(logs);
        foreach (var silo in Directory.EnumerateDirectories(cluster.Script.Folder, "silo-*"))
            File.WriteAllText(
                Path.Combine(logs, $"{Path.GetFileName(silo)}.log"),
                cluster.Script.Log(Path.GetFileName(silo))
            );
    }

    private static async Task ProgressAsync(
        SoakTally tally,
        SiloMemory memory,
        SoakJournal journal,
        TimeProvider time,
        CancellationToken stop
    )
    {
        try
        {
            using var timer = new PeriodicTimer(Minute, time);
            while (await timer.WaitForNextTickAsync(stop))
                journal.Note(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"== {tally.Answers} answers, {tally.Count("failed")} failed, {tally.Retries.Values.Sum()} retries, {tally.ViolationCount} violations; {tally.Count("swaps")} swaps, {tally.Count("split changes")} split changes, {tally.Count("silos killed")} killed, {tally.Count("silos added")} added, {tally.Count("silos drained")} drained; {SoakSettings.Survivor} {memory.Latest / (1 << 20):F0} MiB"
                    )
                );
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The run is over.
            return;
        }
    }

    // What else runs on the machine can hold all of it up; who reads the times must know.
    private static async Task WatchPausesAsync(
        SoakTally tally,
        SoakJournal journal,
        TimeProvider time,
        CancellationToken stop
    )
    {
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
            var last = time.GetTimestamp();
            while (await timer.WaitForNextTickAsync(stop))
            {
                var gap = time.GetElapsedTime(last);
                last = time.GetTimestamp();
                if (gap < LongPause)
                    continue;
                tally.Add("pauses");
                tally.Add("paused milliseconds", (long)gap.TotalMilliseconds);
                journal.Note($"the soak itself stood still for {gap.TotalSeconds:F1} s");
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The run is over.
            return;
        }
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
