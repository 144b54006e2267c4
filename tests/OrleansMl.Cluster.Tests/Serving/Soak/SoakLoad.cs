using System.Globalization;
using OrleansMl.Client;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>Callers that ask for predictions at a bounded rate: by alias, by the model's split and by number; of one row and of many; JSON and binary. Every answer is judged at once.</summary>
internal sealed class SoakLoad(
    SoakClients clients,
    SoakTally tally,
    RouteTimeline alias,
    RouteTimeline split,
    SoakSettings settings,
    TimeProvider time
)
{
    /// <summary>Calls until it is told to stop; a call under way then is waited for.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, SoakSettings.Callers).Select(i => CallAsync(i, stop)));

    private async Task CallAsync(int caller, CancellationToken stop)
    {
        await Task.Yield();
        var random = new Random(HashCode.Combine(settings.Seed, caller));
        var period = TimeSpan.FromSeconds((double)SoakSettings.Callers / settings.Rate);
        try
        {
            await Task.Delay(period * random.NextDouble(), time, stop);
            using var timer = new PeriodicTimer(period, time);
            while (await timer.WaitForNextTickAsync(stop))
                await CallAsync(clients.At(random.Next()), random);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The run is over.
            return;
        }
    }

    private async Task CallAsync(SoakClient client, Random random)
    {
        var (kind, reference, timeline) = random.NextDouble() switch
        {
            < 0.4 => ("split", null, split),
            < 0.8 => ("alias", alias.Name, alias),
            _ => ("number", $"{random.Next(1, SoakModel.Versions + 1)}", (RouteTimeline?)null),
        };
        var count = random.NextDouble() switch
        {
            < 0.6 => 1,
            < 0.9 => random.Next(2, 33),
            _ => random.Next(64, 257),
        };
        var rows = SoakModel.Rows(random, count);
        var what = $"{kind} {client.Format}, {count} rows";
        var started = time.GetTimestamp();
        try
        {
            // No token: the run's end does not break a call off, so that none is lost from sight.
            var answer = await client
                .Use()
                .Model(SoakModel.Name, reference)
                .PredictAsync([SoakModel.Tensor(rows)], null, CancellationToken.None);
            var ended = time.GetTimestamp();
            var late =
                timeline is not null ? timeline.Lateness(answer.Version, started, ended)
                : answer.Version == int.Parse(reference!, CultureInfo.InvariantCulture)
                    ? TimeSpan.Zero
                : null;
            if (SoakModel.Problem(rows, answer) is { } problem)
                tally.Violated($"wrong answer ({what}): {problem}");
            if (late is null)
                tally.Violated(
                    $"wrong version ({what}): {answer.Version} answered, which '{reference}' never meant"
                );
            else if (late > SoakSettings.Refresh)
                tally.Violated(
                    $"old version ({what}): {answer.Version} answered a call made {late.Value.TotalSeconds:F2} s after it was put out"
                );
            tally.Answered(time.GetElapsedTime(started, ended), late ?? TimeSpan.Zero);
            tally.Add(kind);
            tally.Add($"{client.Format}");
            tally.Add(count == 1 ? "one row" : "many rows");
            tally.Add("rows", count);
        }
        catch (OrleansMlException e)
        {
            tally.Add("failed");
            tally.Violated(
                $"failed after {time.GetElapsedTime(started).TotalSeconds:F1} s ({what}): {e.Code} {e.Message}"
            );
        }
    }
}
