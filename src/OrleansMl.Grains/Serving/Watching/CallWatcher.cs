using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>
/// Looks at calls of watched models. On the hot path it copies the sampled ones into a bounded queue and wakes nobody; a thread of its
/// own counts them a little later. A full queue drops the copy, never the call. Thread-safe.
/// </summary>
internal sealed partial class CallWatcher : IInferenceObserver, IDisposable
{
    private readonly WatchProfiles _profiles;
    private readonly PayloadLog _payloads;
    private readonly PredictionLog _predictions;
    private readonly WatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _prefix;
    private readonly ConcurrentQueue<QueuedCall> _queue = new();
    private readonly ConcurrentDictionary<ModelVersionId, WatchedVersionCounts> _versions = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Lock _drain = new();
    private readonly Lock _start = new();
    private ITimer? _timer;
    private int _queued;
    private long _queuedBytes;
    private long _calls;
    private volatile bool _started;
    private volatile bool _stopped;

    public CallWatcher(
        WatchProfiles profiles,
        PayloadLog payloads,
        PredictionLog predictions,
        ILocalSiloDetails silo,
        IOptions<WatchOptions> options,
        TimeProvider time,
        ILogger<CallWatcher> logger
    )
    {
        (_profiles, _payloads, _options, _time, _logger) = (
            profiles,
            payloads,
            options.Value,
            time,
            logger
        );
        _predictions = predictions;
        Reporter = silo.SiloAddress.ToParsableString();
        _prefix = $"{silo.SiloAddress.GetConsistentHashCode():x8}{silo.SiloAddress.Generation:x}";
    }

    /// <summary>This start of the silo.</summary>
    public string Reporter { get; }

    /// <summary>What this silo counts.</summary>
    public IEnumerable<WatchedVersionCounts> Versions => _versions.Values;

    public void Answered(
        in InferenceRoute route,
        InferenceRequest request,
        InferenceResponse response
    )
    {
        if (route.Snapshot.Serving.Policy.Watch is not { } watch)
            return;
        Copy(route, watch, request, response);
        if (watch.Quality is { } quality)
            _predictions.Take(route, quality, response);
    }

    /// <summary>Forgets a version's counts; its next call begins anew.</summary>
    public void Forget(ModelVersionId version) => _versions.TryRemove(version, out _);

    /// <summary>Looks at all calls that wait now. The watcher's thread calls it, and whoever must see the counts of what was answered before.</summary>
    public void Drain()
    {
        lock (_drain)
        {
            foreach (var version in _versions.Values)
                Settle(version);
            while (_queue.TryDequeue(out var call))
                Look(call);
        }
    }

    public void Dispose()
    {
        lock (_start)
        {
            // The container, which knows it by two names, disposes it as often.
            if (_stopped)
                return;
            _stopped = true;
            _timer?.Dispose();
            // The thread, which owns the event from its start, ends by it.
            if (_started)
                _wake.Set();
            else
                _wake.Dispose();
        }
    }

    private void Copy(
        in InferenceRoute route,
        WatchPolicy watch,
        InferenceRequest request,
        InferenceResponse response
    )
    {
        var id = request.Id is { Length: > 0 and <= MaxIdLength } own
            ? own
            : $"{_prefix}-{Interlocked.Increment(ref _calls):x}";
        var draw = CallSampling.Draw(id);
        if (draw >= watch.Sample && !(draw < watch.Payloads?.Sample))
            return;
        var bytes = Bytes(request.Inputs) + Bytes(response.Outputs);
        if (
            bytes > MaxCallBytes
            || Volatile.Read(ref _queued) >= _options.QueuedCalls
            || Volatile.Read(ref _queuedBytes) + bytes > _options.QueuedBytes
        )
        {
            Drop("queue");
            return;
        }
        Interlocked.Increment(ref _queued);
        Interlocked.Add(ref _queuedBytes, bytes);
        _queue.Enqueue(
            QueuedCall.Copy(
                new WatchedCall
                {
                    Version = route.Version,
                    Reference = route.Call.Reference,
                    At = _time.GetUtcNow(),
                    CallId = id,
                    Caller = route.Call.Caller,
                    Inputs = request.Inputs,
                    Outputs = response.Outputs,
                },
                route.Snapshot.Serving,
                draw,
                (int)bytes
            )
        );
        if (!_started)
            Start();
    }

    private static long Bytes(IReadOnlyList<InferenceTensor> tensors)
    {
        var bytes = 0L;
        for (var i = 0; i < tensors.Count; i++)
            bytes += tensors[i].Data.Length;
        return bytes;
    }

    private void Look(QueuedCall call)
    {
        var id = call.Call.Version;
        if (!_versions.TryGetValue(id, out var version))
        {
            if (_versions.Count >= _options.VersionLimit)
            {
                Done(call, "versions");
                return;
            }
            _versions[id] = version = new WatchedVersionCounts(id);
        }
        // An older revision's calls may still come from a route read before.
        if (call.Serving.Revision > version.Revision)
        {
            version.Revision = call.Serving.Revision;
            version.Loading = Task.Run(() =>
                _profiles.GetAsync(id, call.Serving, CancellationToken.None)
            );
        }
        Settle(version);
        if (version.Loading is null && version.Counter is not null)
            Count(call, version.Counter);
        else if (!version.TryHold(call))
            Done(call, "loading");
    }

    /// <summary>Takes a profile that has come.</summary>
    private void Settle(WatchedVersionCounts version)
    {
        if (version.Loading is not { IsCompleted: true } loading)
            return;
        version.Loading = null;
        if (loading.IsCompletedSuccessfully)
        {
            var profile = Completed(loading);
            if (version.Counter?.Profile.Key != profile.Key)
                version.Counter = new VersionCounter(profile, _options.UnreportedWindows);
        }
        else
        {
            LogNoProfile(_logger, loading.Exception?.InnerException, version.Version);
            // Read anew for the next call.
            version.Revision = -1;
        }
        while (version.Pending.TryDequeue(out var call))
        {
            if (version.Counter is { } counter && loading.IsCompletedSuccessfully)
                Count(call, counter);
            else
                Done(call, "loading");
        }
    }

    private static VersionProfile Completed(Task<VersionProfile> task) =>
        task.GetAwaiter().GetResult();

    private void Count(QueuedCall call, VersionCounter counter)
    {
        var watch = call.Serving.Policy.Watch!;
        try
        {
            if (call.Draw < watch.Sample)
            {
                var outliers = counter.Add(call.Call, watch.Outliers);
                WatchTelemetry.Calls.Add(1);
                if (outliers > 0)
                    WatchTelemetry.Outliers.Add(outliers);
            }
            if (watch.Payloads is { } payloads && call.Draw < payloads.Sample)
            {
                if (!_payloads.TryAdd(call.Call, payloads))
                    WatchTelemetry.Dropped.Add(1, GrainTelemetry.Tag("reason", "payloads"));
            }
        }
        finally
        {
            Done(call, null);
        }
    }

    private void Done(QueuedCall call, string? dropped)
    {
        Interlocked.Decrement(ref _queued);
        Interlocked.Add(ref _queuedBytes, -call.Bytes);
        call.Return();
        if (dropped is not null)
            Drop(dropped);
    }

    private static void Drop(string reason) =>
        WatchTelemetry.Dropped.Add(1, GrainTelemetry.Tag("reason", reason));

    private void Start()
    {
        lock (_start)
        {
            if (_started || _stopped)
                return;
            _started = true;
            _timer = _time.CreateTimer(
                static watcher => ((CallWatcher)watcher!).Wake(),
                this,
                _options.DrainPeriod,
                _options.DrainPeriod
            );
            new Thread(Work) { IsBackground = true, Name = "model-watch" }.Start();
        }
    }

    private void Wake()
    {
        lock (_start)
        {
            // A tick may still come after the timer was disposed.
            if (!_stopped)
                _wake.Set();
        }
    }

    private void Work()
    {
        using var wake = _wake;
        while (!_stopped)
        {
            wake.WaitOne();
            try
            {
                Drain();
            }
            catch (Exception error)
            {
                LogFailed(_logger, error);
            }
        }
    }

    // One array holds a call's tensors.
    private const long MaxCallBytes = 1L << 30;

    // Longer ids are not kept: they would take more memory than the call's tensors.
    private const int MaxIdLength = 200;

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "What to compare {Version} with could not be read; its calls are not counted until it can."
    )]
    private static partial void LogNoProfile(
        ILogger logger,
        Exception? error,
        ModelVersionId version
    );

    [LoggerMessage(Level = LogLevel.Error, Message = "A copied call could not be counted.")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
