using System.Globalization;
using OrleansMl.Client;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>
/// Disturbs the cluster: in every minute, at times drawn from the seed, the alias moves, the split changes, a silo is killed and another
/// is added; in every third minute one more is added and one leaves in order. Half of the changes come within a second or two of the kill.
/// </summary>
internal sealed class SoakOperator(
    OrleansMlClient client,
    SoakSilos silos,
    SoakClients clients,
    SoakTally tally,
    RouteTimeline alias,
    RouteTimeline split,
    SoakSettings settings,
    SoakJournal journal,
    TimeProvider time
)
{
    private const int FirstOfAlias = 4;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private long _started;

    /// <summary>Imports the versions, sets alias and split.</summary>
    public async Task PrepareAsync(string folder, CancellationToken cancellationToken)
    {
        for (var version = 1; version <= SoakModel.Versions; version++)
        {
            var path = Path.Combine(folder, $"{SoakModel.Name}-{version}.onnx");
            await File.WriteAllBytesAsync(path, SoakModel.Onnx(version), cancellationToken);
            var imported = await client.Models.ImportAsync(
                SoakModel.Name,
                path,
                cancellationToken: cancellationToken
            );
            Assert.Equal(version, imported.Id.Version);
        }
        await MoveAliasAsync(FirstOfAlias);
        await SplitAsync(new Random(settings.Seed));
    }

    /// <summary>All the minutes; returns when the last disturbance is over.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        _started = time.GetTimestamp();
        await Task.WhenAll(
            EachMinuteAsync(0, SwapAsync, stop),
            EachMinuteAsync(1, ResplitAsync, stop),
            EachMinuteAsync(2, KillAsync, stop),
            EachMinuteAsync(3, AddAsync, stop),
            EachMinuteAsync(4, ReplaceAsync, stop)
        );
        foreach (
            var (what, least) in new[]
            {
                ("swaps", settings.Minutes),
                ("split changes", settings.Minutes),
                ("silos killed", settings.Minutes),
                ("silos added", settings.Minutes),
            }
        )
        {
            if (tally.Count(what) < least)
                tally.Missed($"{tally.Count(what)} {what}, expected {least} or more");
        }
    }

    private async Task EachMinuteAsync(
        int stream,
        Func<int, Random, CancellationToken, Task> disturb,
        CancellationToken stop
    )
    {
        for (var minute = 0; minute < settings.Minutes; minute++)
        {
            // When the kill of this minute comes, all streams know alike.
            var common = new Random(HashCode.Combine(settings.Seed, minute));
            var kill = 5 + (40 * common.NextDouble());
            var own = new Random(HashCode.Combine(settings.Seed, minute, stream));
            var second = stream switch
            {
                2 => kill,
                3 or 4 => 30 * own.NextDouble(),
                _ when own.NextDouble() < 0.5 => kill - 1 + (3 * own.NextDouble()),
                _ => 50 * own.NextDouble(),
            };
            var due = (Minute * minute) + TimeSpan.FromSeconds(second);
            var wait = due - time.GetElapsedTime(_started);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, stop);
            await disturb(minute, own, stop);
        }
    }

    private Task SwapAsync(int minute, Random random, CancellationToken stop)
    {
        var now = (int)(tally.Count("swaps") % (SoakModel.Versions - FirstOfAlias + 1));
        return MoveAliasAsync(
            FirstOfAlias + ((now + 1) % (SoakModel.Versions - FirstOfAlias + 1)),
            "swaps"
        );
    }

    private Task ResplitAsync(int minute, Random random, CancellationToken stop) =>
        SplitAsync(random, "split changes");

    private Task MoveAliasAsync(int version, string? counted = null)
    {
        var change = alias.Begin([(version.ToString(CultureInfo.InvariantCulture), 1)]);
        return ChangeAsync(
            $"{alias.Name} → {version}",
            alias,
            change,
            counted,
            token =>
                client.Models.MoveAliasAsync(
                    SoakModel.Name,
                    alias.Name,
                    version,
                    cancellationToken: token
                )
        );
    }

    /// <summary>Two shares of drawn weight: one version by number, and another by number or the alias.</summary>
    private Task SplitAsync(Random random, string? counted = null)
    {
        var first = random.Next(1, FirstOfAlias);
        var second = random.Next(1, FirstOfAlias);
        string[] versions =
        [
            $"{first}",
            second == first || random.Next(2) == 0 ? alias.Name : $"{second}",
        ];
        var weight = random.Next(1, 10);
        var change = split.Begin([
            (versions[0], weight / 10.0),
            (versions[1], (10 - weight) / 10.0),
        ]);
        var policy = new ServingPolicy
        {
            Traffic = new TrafficPolicy
            {
                Split =
                [
                    new TrafficShare { Version = versions[0], Weight = weight },
                    new TrafficShare { Version = versions[1], Weight = 10 - weight },
                ],
            },
        };
        return ChangeAsync(
            $"split → {versions[0]}×{weight} + {versions[1]}×{10 - weight}",
            split,
            change,
            counted,
            token =>
                client.Models.SetServingAsync(SoakModel.Name, policy, cancellationToken: token)
        );
    }

    private async Task ChangeAsync(
        string what,
        RouteTimeline timeline,
        RouteChange change,
        string? counted,
        Func<CancellationToken, Task> ask
    )
    {
        var begun = time.GetTimestamp();
        try
        {
            await ask(TestContext.Current.CancellationToken);
            timeline.Acknowledge(change);
            if (counted is not null)
                tally.Add(counted);
            journal.Note($"{what} in {time.GetElapsedTime(begun).TotalSeconds:F1} s");
        }
        catch (OrleansMlException e)
        {
            tally.Violated(
                $"{what} failed after {time.GetElapsedTime(begun).TotalSeconds:F1} s: {e.Code} {e.Message}"
            );
            journal.Note($"{what} FAILED: {e.Message}");
        }
    }

    private async Task KillAsync(int minute, Random random, CancellationToken stop)
    {
        var killed = await silos.KillAsync(stop);
        tally.Add("silos killed");
        // The callers are not told: their clients find out.
        journal.Note($"{killed} killed, {silos.Count} run");
    }

    private async Task AddAsync(int minute, Random random, CancellationToken stop)
    {
        var begun = time.GetTimestamp();
        var added = await silos.AddAsync();
        tally.Add("silos added");
        journal.Note(
            $"{added} added in {time.GetElapsedTime(begun).TotalSeconds:F1} s, {silos.Count} run"
        );
        // An app that starts now begins at the new silo.
        var urls = silos.Urls;
        clients.Start(random.Next(), urls, urls.Count - 1);
    }

    private async Task ReplaceAsync(int minute, Random random, CancellationToken stop)
    {
        if (minute % 3 != 1)
            return;
        await AddAsync(minute, random, stop);
        var begun = time.GetTimestamp();
        var left = await silos.DrainAsync(stop);
        tally.Add("silos drained");
        journal.Note(
            $"{left} left in order in {time.GetElapsedTime(begun).TotalSeconds:F1} s, {silos.Count} run"
        );
    }
}
