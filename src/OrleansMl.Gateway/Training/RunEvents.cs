using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Training;

/// <summary>
/// A run's events as Server-Sent Events. A watch that breaks because a silo went away is taken up again here; what was missed in
/// between is filled in from the stored metrics, as it is for a caller that connects again.
/// </summary>
internal sealed partial class RunEvents(
    IGrainFactory grains,
    ITrainingMetricsStore metrics,
    EventStreams streams,
    TimeProvider time,
    ILogger<RunEvents> logger
)
{
    private const int MaxTries = 6;
    private const int MaxFilledPoints = 2000;
    private const int QueuedEvents = 64;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    public async Task WriteAsync(HttpContext context, TrainingRunId id)
    {
        using var stream = streams.Open(context);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var events = Channel.CreateBounded<TrainingEvent>(QueuedEvents);
        var cursor = RunCursor.Parse(context.Request.Headers["Last-Event-ID"]);
        await stream.StartAsync(stop.Token);
        var watch = WatchAsync(id, cursor, events.Writer, stop.Token);
        TrainingRunSnapshot? last = null;
        try
        {
            await stream.PumpAsync(
                events.Reader,
                async item =>
                {
                    last = item.Run;
                    cursor = Advance(cursor, item);
                    await stream.WriteEventAsync("update", item, stop.Token, cursor.ToString());
                },
                stop.Token
            );
            await watch;
            if (last is not null)
                await stream.WriteEventAsync("end", last, stop.Token);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            LogBroken(exception, id.Value);
            await stream.WriteEventAsync(
                "error",
                ErrorAnswer.Of(exception).Body,
                context.RequestAborted
            );
        }
        finally
        {
            await stop.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(
        TrainingRunId id,
        RunCursor cursor,
        ChannelWriter<TrainingEvent> events,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var pause = FirstPause;
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await foreach (var item in FollowAsync(id, cursor, cancellationToken))
                    {
                        cursor = Advance(cursor, item);
                        await events.WriteAsync(item, cancellationToken);
                        (attempt, pause) = (0, FirstPause);
                    }
                    return;
                }
                catch (Exception exception)
                    when (attempt < MaxTries
                        && !cancellationToken.IsCancellationRequested
                        && ErrorAnswer.Of(exception).Status
                            == StatusCodes.Status503ServiceUnavailable
                    )
                {
                    LogAgain(exception, id.Value, attempt);
                    await Task.Delay(pause, time, cancellationToken);
                    pause *= 2;
                }
            }
        }
        finally
        {
            events.TryComplete();
        }
    }

    // The run's events; the first one carries the points past the cursor's step that this watch did not see.
    private async IAsyncEnumerable<TrainingEvent> FollowAsync(
        TrainingRunId id,
        RunCursor cursor,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var isFirst = cursor != RunCursor.Start;
        await foreach (
            var item in grains
                .GetGrain<ITrainingRunGrain>(id.Value)
                .WatchAsync(cancellationToken)
                .WithCancellation(cancellationToken)
        )
        {
            if (!isFirst)
            {
                yield return item;
                continue;
            }
            isFirst = false;
            var stored = await metrics.ReadAsync(
                id,
                series: null,
                MaxFilledPoints,
                cancellationToken
            );
            var present = item.Points.Select(point => (point.Series, point.Step)).ToHashSet();
            yield return item with
            {
                Points =
                [
                    .. stored.Where(point =>
                        point.Step > cursor.Step && !present.Contains((point.Series, point.Step))
                    ),
                    .. item.Points,
                ],
            };
        }
    }

    private static RunCursor Advance(RunCursor cursor, TrainingEvent item) =>
        new(
            item.Sequence,
            // A new attempt may go on from an earlier step than the last one reached: then so does the cursor.
            item.Points.Count > 0
                ? item.Points[^1].Step
                : cursor.Step
        );

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The watch of run {Run} broke; try {Attempt} takes it up again."
    )]
    private partial void LogAgain(Exception exception, string run, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The event stream of run {Run} broke.")]
    private partial void LogBroken(Exception exception, string run);
}
