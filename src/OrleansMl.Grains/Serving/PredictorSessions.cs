using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving.Batching;

namespace OrleansMl.Grains.Serving;

/// <summary>
/// This silo's loaded model versions: one session a version, shared by all calls. The first call loads it, on a thread of
/// its own, and those that come meanwhile wait for the same load. A load that fails is told to all of them, and tried
/// again by the first call after its delay. Thread-safe.
/// </summary>
internal sealed partial class PredictorSessions : ILocalPredictor, IDisposable
{
    private static readonly TimeSpan PolicyAge = TimeSpan.FromSeconds(1);

    private readonly ModelLoader _loader;
    private readonly ModelRoutes _routes;
    private readonly PredictorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _silo;
    private readonly ServingInstruments _instruments;

    // What answers now, found without the gate.
    private readonly ConcurrentDictionary<ModelVersionId, LoadedModel> _warm = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ModelVersionId, SessionEntry> _entries = [];
    private long _bytes;
    private int _loaded;
    private long _revision;

    public PredictorSessions(
        ModelLoader loader,
        ModelRoutes routes,
        ServingCounters counters,
        InferenceThreads threads,
        IOptions<SiloMetadata> metadata,
        IOptions<PredictorOptions> options,
        TimeProvider time,
        ILogger<PredictorSessions> logger
    )
    {
        _loader = loader;
        _routes = routes;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _silo = metadata.Value.Metadata.GetValueOrDefault(SiloMetadataKeys.Name) ?? "";
        Available = SiloTags.Contain(
            metadata.Value.Metadata.GetValueOrDefault(SiloMetadataKeys.Roles),
            SiloRoles.Serve
        );
        _instruments = new ServingInstruments(
            threads,
            counters,
            time,
            () => _warm.Values,
            () => Interlocked.Read(ref _bytes)
        );
    }

    public bool Available { get; }

    /// <summary>Counts the changes of what is in memory.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    public async ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        var model = await EnterAsync(version, cancellationToken);
        try
        {
            var inputs = TensorValidation.Check(version, model.Signature, request);
            var started = _time.GetTimestamp();
            FollowPolicy(model, started);
            var answer = await model.Batcher.RunAsync(
                inputs,
                request.Outputs ?? [],
                request.Parameters ?? InferenceParameters.None,
                cancellationToken
            );
            GrainTelemetry.PredictionSeconds.Record(_time.GetElapsedTime(started).TotalSeconds);
            return new InferenceResponse
            {
                Model = version.Name,
                Version = version.Version,
                Id = request.Id,
                Outputs = answer.Outputs,
                Memory = answer.Memory,
            };
        }
        finally
        {
            model.Exit();
        }
    }

    public async ValueTask<ModelSignature> GetSignatureAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        var model = await EnterAsync(version, cancellationToken);
        try
        {
            return model.Signature;
        }
        finally
        {
            model.Exit();
        }
    }

    /// <summary>Loads a version now, also when it failed a moment ago.</summary>
    public async Task<ModelResidence> LoadAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(version, out var entry) && entry.Load is { IsFaulted: true })
                entry.Load = null;
        }
        (await EnterAsync(version, cancellationToken)).Exit();
        lock (_gate)
            return _entries.TryGetValue(version, out var entry)
                ? Residence(version, entry)
                : throw new UnavailableException(
                    $"Model version {version} was let go again at once: silo {_silo} has more to serve than its memory budget holds."
                );
    }

    /// <summary>Lets a version go; calls under way end first. One that is being loaded is let go when it is there.</summary>
    public async Task UnloadAsync(ModelVersionId version)
    {
        Task<LoadedModel>? load;
        lock (_gate)
            load = _entries.GetValueOrDefault(version)?.Load;
        if (load is not null)
            await ((Task)load).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LoadedModel? model;
        lock (_gate)
        {
            model = _entries.TryGetValue(version, out var entry) ? entry.Model : null;
            Remove(version);
        }
        if (model is null)
            return;
        model.Release();
        LogUnloaded(_logger, version);
    }

    /// <summary>Every version that is there, comes, or failed to come.</summary>
    public IReadOnlyList<ModelResidence> Index()
    {
        lock (_gate)
            return [.. _entries.Select(pair => Residence(pair.Key, pair.Value))];
    }

    /// <summary>Versions that answer without a load.</summary>
    public IReadOnlyList<ModelVersionId> Warm => [.. _warm.Keys];

    /// <summary>Calls that wait.</summary>
    public int Waiting => _warm.Values.Sum(model => model.Batcher.Waiting);

    public void Dispose()
    {
        List<LoadedModel> models;
        lock (_gate)
        {
            models = [.. _entries.Values.Select(entry => entry.Model).OfType<LoadedModel>()];
            _entries.Clear();
            _warm.Clear();
        }
        foreach (var model in models)
        {
            model.Batcher.Dispose();
            model.Release();
        }
        _instruments.Dispose();
    }

    private ValueTask<LoadedModel> EnterAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        if (!_warm.TryGetValue(version, out var model) || !model.TryEnter())
            return new(EnterLoadedAsync(version, cancellationToken));
        model.UsedAt = _time.GetTimestamp();
        return new(model);
    }

    private async Task<LoadedModel> EnterLoadedAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        if (!Available)
            throw new UnavailableException(
                $"This silo does not serve models (role '{SiloRoles.Serve}'); ask another for {version}."
            );
        while (true)
        {
            Task<LoadedModel> load;
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                if (!_entries.TryGetValue(version, out var entry))
                    _entries[version] = entry = new SessionEntry();
                if (entry.Model is { } there && there.TryEnter())
                    return there;
                if (entry.Load is { IsFaulted: true } failed)
                {
                    if (now < entry.RetryAt)
                        throw Again(
                            version,
                            failed.Exception!.InnerException!,
                            entry.RetryAt - now
                        );
                    entry.Load = null;
                }
                // On the pool, not on the scheduler of the grain that happens to call first.
                load = entry.Load ??= Task.Run(
                    () => LoadAsync(version, entry),
                    CancellationToken.None
                );
            }
            var model = await load.WaitAsync(cancellationToken);
            if (model.TryEnter())
            {
                model.UsedAt = _time.GetTimestamp();
                return model;
            }
        }
    }

    private static Exception Again(ModelVersionId version, Exception error, TimeSpan rest) =>
        error is NotFoundException
            ? new NotFoundException(error.Message)
            : new UnavailableException(
                $"Model version {version} could not be loaded: {error.Message} It is tried again in {rest.TotalSeconds:0.#} s."
            )
            {
                RetryAfter = rest,
            };

    private async Task<LoadedModel> LoadAsync(ModelVersionId version, SessionEntry entry)
    {
        try
        {
            var model = await _loader.LoadAsync(version, bytes => Reserve(version, entry, bytes));
            model.UsedAt = _time.GetTimestamp();
            long bytes;
            lock (_gate)
            {
                entry.Model = model;
                entry.Failures = 0;
                entry.Error = "";
                bytes = entry.Bytes;
                _loaded++;
                _warm[version] = model;
                _revision++;
            }
            GrainTelemetry.Loads.Add(1, GrainTelemetry.Tag("result", "loaded"));
            LogLoaded(_logger, version, bytes);
            return model;
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                _bytes -= entry.Bytes;
                entry.Bytes = 0;
                entry.Error = error.Message;
                // Who never was there is not remembered: anybody can ask for any name. Nor is a silo that went down while it was
                // asked about the version: that says nothing of the version, and the next call may find another in its place.
                if (
                    error is NotFoundException
                    || GoneSilos.Names(error)
                    || _entries.Count > 4 * _options.SessionLimit
                )
                    _entries.Remove(version);
                entry.RetryAt = _time.GetUtcNow() + Delay(entry.Failures++);
            }
            GrainTelemetry.Loads.Add(1, GrainTelemetry.Tag("result", "failed"));
            LogLoadFailed(_logger, error, version);
            throw error is NotFoundException or UnavailableException || GoneSilos.Names(error)
                ? error
                : new UnavailableException(
                    $"Model version {version} could not be loaded: {error.Message}"
                );
        }
    }

    /// <summary>Makes room for a version that is about to be loaded: those used longest ago go until it fits.</summary>
    private void Reserve(ModelVersionId version, SessionEntry entry, long bytes)
    {
        if (bytes > _options.MaxSessionBytes)
            throw new UnavailableException(
                $"it takes {bytes:N0} bytes of memory, and silo {_silo} has {_options.MaxSessionBytes:N0} for all models ({PredictorOptions.Section}:{nameof(PredictorOptions.MaxSessionBytes)})."
            );
        List<LoadedModel> evicted = [];
        lock (_gate)
        {
            entry.Bytes = bytes;
            _bytes += bytes;
            while (
                (_bytes > _options.MaxSessionBytes || _loaded >= _options.SessionLimit)
                && _warm.Values.MinBy(model => model.UsedAt) is { } oldest
            )
            {
                Remove(oldest.Version);
                evicted.Add(oldest);
            }
        }
        foreach (var old in evicted)
        {
            LogEvicted(_logger, old.Version);
            old.Release();
        }
    }

    /// <summary>Under the gate.</summary>
    private void Remove(ModelVersionId version)
    {
        if (!_entries.Remove(version, out var entry))
            return;
        _bytes -= entry.Bytes;
        if (entry.Model is null)
            return;
        _loaded--;
        _warm.TryRemove(version, out _);
        _revision++;
    }

    /// <summary>Follows the model's policy, a moment behind: no call waits for it.</summary>
    private void FollowPolicy(LoadedModel model, long now)
    {
        if (_time.GetElapsedTime(model.PolicyAt, now) < PolicyAge)
            return;
        model.PolicyAt = now;
        // It answers for itself.
        _ = ApplyPolicyAsync(model);
    }

    private async Task ApplyPolicyAsync(LoadedModel model)
    {
        try
        {
            var route = await _routes.GetAsync(model.Version.Name, CancellationToken.None);
            model.Batcher.Rules = _loader.RulesOf(route.Serving.Policy, model.Unbatched);
        }
        catch (Exception error)
        {
            LogPolicyFailed(_logger, error, model.Version);
        }
    }

    private ModelResidence Residence(ModelVersionId version, SessionEntry entry) =>
        new()
        {
            Version = version,
            Silo = _silo,
            State =
                entry.Model is not null ? ModelResidenceState.Ready
                : entry.Load is { IsFaulted: true } ? ModelResidenceState.Failed
                : ModelResidenceState.Loading,
            Reason = entry.Model is null ? entry.Error : "",
            MemoryBytes = entry.Bytes,
            MaxBatchSize = entry.Model?.Batcher.Rules.MaxRows ?? 1,
            Unbatched = entry.Model?.Unbatched ?? "",
            Waiting = entry.Model?.Batcher.Waiting ?? 0,
            UsedAt = entry.Model is { UsedAt: > 0 and var used }
                ? _time.GetUtcNow() - _time.GetElapsedTime(used)
                : null,
        };

    private TimeSpan Delay(int failures)
    {
        var factor = Math.Pow(2, Math.Min(failures, 30));
        var delay = _options.RetryDelay * factor;
        return delay < _options.MaxRetryDelay ? delay : _options.MaxRetryDelay;
    }
}
