using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving;

/// <summary>
/// This silo's loaded model versions: one session a version, shared by all calls. The first call loads it, on a thread of
/// its own, and those that come meanwhile wait for the same load. A load that fails is told to all of them, and tried
/// again by the first call after its delay. Thread-safe.
/// </summary>
internal sealed partial class PredictorSessions : ILocalPredictor, IDisposable
{
    private readonly IGrainFactory _grains;
    private readonly ILocalArtifacts? _artifacts;
    private readonly IArtifactStore? _store;
    private readonly IInferenceEngine? _engine;
    private readonly PredictorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly InferenceThreads _threads;
    private readonly SemaphoreSlim _loads;
    private readonly Lock _gate = new();
    private readonly Dictionary<ModelVersionId, Entry> _entries = [];
    private long _uses;

    public PredictorSessions(
        IGrainFactory grains,
        IOptions<SiloMetadata> metadata,
        IOptions<PredictorOptions> options,
        TimeProvider time,
        ILogger<PredictorSessions> logger,
        ILocalArtifacts? artifacts = null,
        IArtifactStore? store = null,
        IInferenceEngine? engine = null
    )
    {
        _grains = grains;
        _artifacts = artifacts;
        _store = store;
        _engine = engine;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _threads = new InferenceThreads(_options.Threads, _options.QueueLimit);
        _loads = new SemaphoreSlim(_options.ConcurrentLoads);
        Available = SiloTags.Contain(
            metadata.Value.Metadata.GetValueOrDefault(SiloMetadataKeys.Roles),
            SiloRoles.Serve
        );
    }

    public bool Available { get; }

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
            var asked = request.Outputs ?? [];
            var memory = new TensorMemory();
            var started = _time.GetTimestamp();
            var outputs =
                InferenceVolume.Of(model.Signature, inputs) <= model.Session.InlineVolume
                    ? model.Session.Run(inputs, asked, memory)
                    : await _threads.RunAsync(
                        () => model.Session.Run(inputs, asked, memory),
                        cancellationToken
                    );
            GrainTelemetry.PredictionSeconds.Record(_time.GetElapsedTime(started).TotalSeconds);
            return new InferenceResponse
            {
                Model = version.Name,
                Version = version.Version,
                Id = request.Id,
                Outputs = outputs,
                Memory = memory,
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

    public void Dispose()
    {
        List<Entry> entries;
        lock (_gate)
        {
            entries = [.. _entries.Values];
            _entries.Clear();
        }
        foreach (var entry in entries)
            entry.Model?.Release();
        _threads.Dispose();
        _loads.Dispose();
    }

    private async ValueTask<LoadedModel> EnterAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            Task<LoadedModel> load;
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                if (!_entries.TryGetValue(version, out var entry))
                    _entries[version] = entry = new Entry();
                entry.LastUse = ++_uses;
                if (entry.Model is { } loaded && loaded.TryEnter())
                    return loaded;
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
                return model;
        }
    }

    private static Exception Again(ModelVersionId version, Exception error, TimeSpan rest) =>
        error is NotFoundException
            ? new NotFoundException(error.Message)
            : new UnavailableException(
                $"Model version {version} could not be loaded: {error.Message} It is tried again in {rest.TotalSeconds:0.#} s."
            );

    private async Task<LoadedModel> LoadAsync(ModelVersionId version, Entry entry)
    {
        try
        {
            var model = await LoadModelAsync(version);
            List<LoadedModel> evicted;
            lock (_gate)
            {
                entry.Model = model;
                entry.Failures = 0;
                evicted = Evict(entry);
            }
            foreach (var old in evicted)
            {
                LogEvicted(_logger, old.Version);
                old.Release();
            }
            GrainTelemetry.Loads.Add(1, GrainTelemetry.Tag("result", "loaded"));
            LogLoaded(_logger, version, model.Bytes);
            return model;
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                // Who never was there is not remembered: anybody can ask for any name.
                if (error is NotFoundException || _entries.Count > 4 * _options.SessionLimit)
                    _entries.Remove(version);
                entry.RetryAt = _time.GetUtcNow() + Delay(entry.Failures++);
            }
            GrainTelemetry.Loads.Add(1, GrainTelemetry.Tag("result", "failed"));
            LogLoadFailed(_logger, error, version);
            throw error is NotFoundException or UnavailableException
                ? error
                : new UnavailableException(
                    $"Model version {version} could not be loaded: {error.Message}"
                );
        }
    }

    private async Task<LoadedModel> LoadModelAsync(ModelVersionId version)
    {
        if (!Available || _engine is null || _artifacts is null)
            throw new UnavailableException(
                $"This silo does not serve models (role '{SiloRoles.Serve}'); ask another for {version}."
            );
        var engine = _engine;
        var record =
            await _grains
                .GetGrain<IModelGrain>(version.Name)
                .GetVersionAsync(version.Version, CancellationToken.None)
            ?? throw new NotFoundException($"There is no model version {version}.");
        var info = _store is null
            ? null
            : await _store.FindAsync(record.Onnx, CancellationToken.None);
        await _loads.WaitAsync();
        try
        {
            var file = await _artifacts.AcquireAsync(record.Onnx, CancellationToken.None);
            try
            {
                var session = await Task.Factory.StartNew(
                    () => engine.Load(file.Path, record.Signature),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                    TaskScheduler.Default
                );
                return new LoadedModel(version, session, file, info?.Bytes ?? 0);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        finally
        {
            _loads.Release();
        }
    }

    /// <summary>Takes out the versions used longest ago until the rest is within the limits; the one just loaded stays.</summary>
    private List<LoadedModel> Evict(Entry newest)
    {
        List<LoadedModel> evicted = [];
        var loaded = _entries
            .Where(pair => pair.Value.Model is not null)
            .OrderBy(pair => pair.Value.LastUse)
            .ToList();
        var count = loaded.Count;
        var bytes = loaded.Sum(pair => pair.Value.Model!.Bytes);
        foreach (var (version, entry) in loaded)
        {
            if (count <= _options.SessionLimit && bytes <= _options.MaxSessionBytes)
                break;
            if (entry == newest)
                continue;
            count--;
            bytes -= entry.Model!.Bytes;
            evicted.Add(entry.Model);
            _entries.Remove(version);
        }
        return evicted;
    }

    private TimeSpan Delay(int failures)
    {
        var factor = Math.Pow(2, Math.Min(failures, 30));
        var delay = _options.RetryDelay * factor;
        return delay < _options.MaxRetryDelay ? delay : _options.MaxRetryDelay;
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Loaded model version {Version}, {Bytes} bytes."
    )]
    private static partial void LogLoaded(ILogger logger, ModelVersionId version, long bytes);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Let go of model version {Version}, the one used longest ago."
    )]
    private static partial void LogEvicted(ILogger logger, ModelVersionId version);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Model version {Version} could not be loaded."
    )]
    private static partial void LogLoadFailed(
        ILogger logger,
        Exception error,
        ModelVersionId version
    );

    private sealed class Entry
    {
        public Task<LoadedModel>? Load { get; set; }

        public LoadedModel? Model { get; set; }

        public long LastUse { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset RetryAt { get; set; }
    }
}
