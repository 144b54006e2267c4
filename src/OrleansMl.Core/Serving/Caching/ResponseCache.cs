using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Statistics;

namespace OrleansMl.Core.Serving.Caching;

/// <summary>
/// This silo's answers to equal calls. Calls that are equal and meet are run once; who waited for a run that failed runs by himself, so that
/// a failure is each caller's own. Thread-safe.
/// </summary>
public sealed class ResponseCache : IDisposable
{
    private readonly ServingCounters _counters;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly AnswerStore _store;
    private readonly Dictionary<RequestDigest, TaskCompletionSource> _runs = [];
    private readonly CacheInstruments _instruments;
    private long _drops;

    /// <summary>Makes an empty cache.</summary>
    public ResponseCache(
        ServingCounters counters,
        IOptions<ResponseCacheOptions> options,
        TimeProvider time
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        (_counters, _time) = (counters, time);
        _store = new AnswerStore(options.Value.MaxBytes);
        _instruments = new CacheInstruments(
            () => Read(store => store.Bytes),
            () => Read(store => store.Count),
            () => Read(store => store.Evictions),
            () => Read(store => store.Expirations)
        );
    }

    /// <summary>Answers a call by an earlier, equal one, or by the version, whose answer is kept.</summary>
    internal async ValueTask<InferenceResponse> AnswerAsync(
        CachePolicy policy,
        InferenceRoute route,
        InferenceRequest request,
        ModelInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var began = _time.GetTimestamp();
        var key = RequestDigest.Of(request, route.Version, route.Snapshot.Serving.Revision);
        CachedAnswer? kept;
        TaskCompletionSource? run;
        long drops;
        var leads = false;
        lock (_gate)
        {
            drops = _drops;
            kept = _store.Take(key, began);
            if (!_runs.TryGetValue(key, out run) && kept is null)
            {
                run = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _runs.Add(key, run);
                leads = true;
            }
        }
        if (kept is null && !leads)
        {
            await WaitAsync(run!.Task, request.Parameters, route.Version, cancellationToken);
            lock (_gate)
                kept = _store.Take(key, _time.GetTimestamp());
        }
        var counters = _counters.Of(route.Version);
        if (kept is not null)
        {
            _instruments.Hit();
            counters.CacheHit(Rows(request), _time.GetTimestamp() - began);
            return new InferenceResponse
            {
                Model = route.Version.Name,
                Version = route.Version.Version,
                Id = request.Id,
                Outputs = kept.Outputs,
                IsCached = true,
                Memory = kept.Memory,
            };
        }
        _instruments.Miss();
        var looked = _time.GetTimestamp() - began;
        if (!leads)
        {
            counters.CacheMiss(looked);
            return await invoker.RunAsync(route, request, cancellationToken);
        }
        try
        {
            var response = await invoker.RunAsync(route, request, cancellationToken);
            var answered = _time.GetTimestamp();
            Keep(policy, key, route.Version, response, answered, drops);
            counters.CacheMiss(looked + _time.GetTimestamp() - answered);
            return response;
        }
        finally
        {
            lock (_gate)
                _runs.Remove(key);
            run!.SetResult();
        }
    }

    /// <summary>Lets a version's answers go, those that runs under way will give, too.</summary>
    public void Drop(ModelVersionId version)
    {
        lock (_gate)
        {
            _drops++;
            _store.Drop(version);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _instruments.Dispose();
        lock (_gate)
            _store.Clear();
    }

    private void Keep(
        CachePolicy policy,
        RequestDigest key,
        ModelVersionId version,
        InferenceResponse response,
        long now,
        long drops
    )
    {
        var bytes = 0L;
        foreach (var tensor in response.Outputs)
            bytes += tensor.Data.Length;
        if (bytes > policy.MaxEntryBytes)
            return;
        // The copy is made before the lock is taken.
        var answer = CachedAnswer.Copy(
            key,
            version,
            response.Outputs,
            now + policy.MaxAgeSeconds * _time.TimestampFrequency
        );
        lock (_gate)
        {
            if (drops == _drops && _store.TryAdd(answer))
                return;
        }
        answer.Memory.Release();
    }

    private async ValueTask WaitAsync(
        Task run,
        InferenceParameters parameters,
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        if (parameters.TimeoutMicroseconds <= 0)
        {
            await run.WaitAsync(cancellationToken);
            return;
        }
        try
        {
            await run.WaitAsync(
                TimeSpan.FromMicroseconds(parameters.TimeoutMicroseconds),
                _time,
                cancellationToken
            );
        }
        catch (TimeoutException error)
        {
            throw new UnavailableException(
                $"Model version {version} did not answer an equal call, for which this one waited, within its timeout of {parameters.TimeoutMicroseconds / 1e3:0.###} ms.",
                error
            );
        }
    }

    private long Read(Func<AnswerStore, long> what)
    {
        lock (_gate)
            return what(_store);
    }

    private static int Rows(InferenceRequest request) =>
        request.Inputs is [{ Shape: [var rows, ..] }, ..] ? (int)Math.Min(int.MaxValue, rows) : 1;
}
