using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Core.Serving.Watching.Quality;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>
/// Governed predictions of models whose quality is watched, on their way to where they wait for their outcome. The hot path copies the
/// outputs into a bounded queue; what finds no room is dropped, and its outcome will be unknown. A killed silo loses what it has not written.
/// Thread-safe.
/// </summary>
internal sealed partial class PredictionLog(
    IQualityStore store,
    ModelSignatures signatures,
    IGrainFactory grains,
    IOptions<WatchOptions> options,
    TimeProvider time,
    ILogger<PredictionLog> logger
) : IDisposable
{
    private const int MaxRows = 10_000;
    private const int BatchRows = 2_000;
    private static readonly TimeSpan ForgetPeriod = TimeSpan.FromMinutes(10);
    private readonly ConcurrentQueue<Waiting> _queue = new();
    private readonly Dictionary<string, DateTimeOffset> _forgot = [];
    private readonly SemaphoreSlim _flushing = new(1, 1);
    private List<Waiting> _taken = [];
    private int _queued;
    private long _bytes;

    /// <summary>Takes a prediction; returns at once.</summary>
    public void Take(in InferenceRoute route, QualityPolicy policy, InferenceResponse response)
    {
        if (route.Prediction.IsNone)
            return;
        var id = route.Prediction.ToString();
        if (policy.Sample < 1 && CallSampling.Draw(id) >= policy.Sample)
            return;
        List<InferenceTensor> outputs = [];
        var bytes = 0L;
        foreach (var output in response.Outputs)
        {
            if (!PredictedValues.IsOfUse(output) || output.Shape[0] > MaxRows)
                continue;
            bytes += output.Data.Length;
            if (Volatile.Read(ref _bytes) + bytes > options.Value.QueuedBytes)
                break;
            outputs.Add(output with { Data = output.Data.ToArray(), Shape = [.. output.Shape] });
        }
        if (
            Volatile.Read(ref _bytes) + bytes > options.Value.QueuedBytes
            || Volatile.Read(ref _queued) >= options.Value.QueuedCalls
        )
        {
            WatchTelemetry.Dropped.Add(1, GrainTelemetry.Tag("reason", "predictions"));
            return;
        }
        if (outputs.Count == 0)
            return;
        Interlocked.Increment(ref _queued);
        Interlocked.Add(ref _bytes, bytes);
        _queue.Enqueue(
            new Waiting(
                id,
                route.Version,
                route.Call.Reference,
                DateTimeOffset.FromUnixTimeMilliseconds(route.Prediction.Milliseconds),
                route.Snapshot.Serving,
                outputs,
                bytes
            )
        );
    }

    /// <summary>Writes what waits. What can't be written now stays for the next time.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            while (_queue.TryDequeue(out var waiting))
                _taken.Add(waiting);
            List<Waiting> left = [];
            foreach (var model in _taken.GroupBy(waiting => waiting.Version.Name))
            {
                try
                {
                    await WriteAsync(model.Key, [.. model], cancellationToken);
                    foreach (var waiting in model)
                        Done(waiting);
                }
                catch (NotFoundException error)
                {
                    // The model is gone.
                    LogGone(error.Message, model.Key);
                    foreach (var waiting in model)
                        Done(waiting);
                }
                catch (Exception error) when (!cancellationToken.IsCancellationRequested)
                {
                    LogFailed(error, model.Key);
                    left.AddRange(model);
                }
            }
            _taken = left;
        }
        finally
        {
            _flushing.Release();
        }
    }

    public void Dispose() => _flushing.Dispose();

    private async Task WriteAsync(
        string model,
        List<Waiting> predictions,
        CancellationToken cancellationToken
    )
    {
        var newest = predictions.MaxBy(waiting => waiting.Serving.Revision)!.Serving.Policy;
        if (newest.Watch?.Quality is not { } policy)
            return;
        List<LoggedPrediction> rows = [];
        foreach (var waiting in predictions)
        {
            var values = PredictedValues.Read(
                await signatures.GetAsync(waiting.Version, cancellationToken),
                waiting.Outputs
            );
            for (var row = 0; row < values.Count; row++)
                rows.Add(
                    new LoggedPrediction(
                        waiting.Id,
                        row,
                        waiting.Version.Version,
                        waiting.Reference,
                        waiting.At,
                        values[row]
                    )
                );
        }
        var now = time.GetUtcNow();
        var begin = QualityClock.Begin(policy, now);
        var joined = 0;
        foreach (var part in rows.Chunk(BatchRows))
            // A repeat after a failure half way passes over what is there.
            joined += await store.AddAsync(
                model,
                part,
                begin,
                policy.WindowSeconds,
                cancellationToken
            );
        if (joined > 0)
            await grains.GetGrain<IModelWatchGrain>(model).OutcomesAsync(cancellationToken);
        if (now - _forgot.GetValueOrDefault(model) < ForgetPeriod)
            return;
        _forgot[model] = now;
        await store.ForgetAsync(
            model,
            now - TimeSpan.FromSeconds(newest.Traffic?.FeedbackWindowSeconds ?? 0),
            policy.MaxPredictions,
            QualityClock.Oldest(policy, now),
            cancellationToken
        );
    }

    private void Done(Waiting waiting)
    {
        Interlocked.Decrement(ref _queued);
        Interlocked.Add(ref _bytes, -waiting.Bytes);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Predictions of model {Model} could not be kept for their outcomes; it is tried again."
    )]
    private partial void LogFailed(Exception error, string model);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Predictions of model {Model} are not kept for their outcomes: {Error}"
    )]
    private partial void LogGone(string error, string model);

    private sealed record Waiting(
        string Id,
        ModelVersionId Version,
        string Reference,
        DateTimeOffset At,
        ServingPolicySnapshot Serving,
        IReadOnlyList<InferenceTensor> Outputs,
        long Bytes
    );
}
