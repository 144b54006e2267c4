using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Sends queued calls to their shadows, a few at a time, and compares the answers. Nothing that a shadow does reaches a caller.</summary>
public sealed partial class ShadowRunner(
    ShadowQueue queue,
    TrafficCounters counters,
    IModelPredictor predictor,
    IOptions<TrafficOptions> options,
    TimeProvider time,
    ILogger<ShadowRunner> logger
)
{
    private long _failures;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(
            Enumerable
                .Range(0, options.Value.ShadowConcurrency)
                .Select(_ => WorkAsync(cancellationToken))
        );

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var call in queue.Reader.ReadAllAsync(cancellationToken))
        {
            var counts = counters.Shadow(call.Stage, call.Version, call.Shadow.Version);
            try
            {
                var started = time.GetTimestamp();
                var answer = await predictor.PredictAsync(
                    call.Shadow,
                    call.Request,
                    cancellationToken
                );
                var seconds = time.GetElapsedTime(started).TotalSeconds;
                var found = OutputComparison.Compare(call.Response.Outputs, answer.Outputs);
                answer.Release();
                counts.Add(tally => found.AddTo(tally, call.Seconds, seconds));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception error)
            {
                counts.Add(tally => tally with { Failed = tally.Failed + 1 });
                // A broken shadow fails every call: the counters tell how many, the log the first and now and then one.
                if (Interlocked.Increment(ref _failures) % 1000 == 1)
                    LogFailed(error, call.Shadow.ToString());
            }
            finally
            {
                queue.Done(call);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Shadow {Version} failed a call; of further failures one in 1,000 is logged."
    )]
    private partial void LogFailed(Exception exception, string version);
}
