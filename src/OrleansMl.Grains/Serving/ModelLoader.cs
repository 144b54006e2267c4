using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving.Batching;
using OrleansMl.Grains.Serving.Residency;

namespace OrleansMl.Grains.Serving;

/// <summary>Brings a version from its record to a session that answers: on a thread of its own, a few at a time.</summary>
internal sealed partial class ModelLoader(
    IGrainFactory grains,
    ModelRoutes routes,
    ServingCounters counters,
    InferenceThreads threads,
    IOptions<PredictorOptions> options,
    TimeProvider time,
    ILogger<ModelLoader> logger,
    ILocalArtifacts? artifacts = null,
    IArtifactStore? store = null,
    IInferenceEngine? engine = null
) : IDisposable
{
    private readonly SemaphoreSlim _loads = new(options.Value.ConcurrentLoads);

    /// <summary>Loads a version.</summary>
    /// <param name="version">Which.</param>
    /// <param name="reserve">Told the memory that it will take, before it takes it; may refuse.</param>
    /// <exception cref="NotFoundException">No such version.</exception>
    /// <exception cref="UnavailableException">It was unloaded by an operator.</exception>
    /// <exception cref="OrleansMessageRejectionException">Two silos that were asked about it went down.</exception>
    public async Task<LoadedModel> LoadAsync(ModelVersionId version, Action<long> reserve)
    {
        if (engine is not { } runtime || artifacts is null)
            throw new UnavailableException(
                $"This silo does not serve models (role '{SiloRoles.Serve}'); ask another for {version}."
            );
        var record =
            await GoneSilos.AskAsync(() =>
                grains
                    .GetGrain<IModelGrain>(version.Name)
                    .GetVersionAsync(version.Version, CancellationToken.None)
            ) ?? throw new NotFoundException($"There is no model version {version}.");
        if (
            !await GoneSilos.AskAsync(() =>
                grains
                    .GetGrain<IModelResidencyGrain>(version.Name)
                    .IsAllowedAsync(version.Version, CancellationToken.None)
            )
        )
            throw new UnavailableException(
                $"Model version {version} was unloaded by an operator; load it to have it served again."
            );
        var policy = await routes.GetAsync(version.Name, CancellationToken.None);
        var info = store is null
            ? null
            : await store.FindAsync(record.Onnx, CancellationToken.None);
        reserve(MemoryOf(info?.Bytes ?? 0));
        await _loads.WaitAsync();
        try
        {
            var file = await artifacts.AcquireAsync(record.Onnx, CancellationToken.None);
            try
            {
                var (session, unbatched) = await Task.Factory.StartNew(
                    () => Open(runtime, file.Path, record.Signature),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                    TaskScheduler.Default
                );
                if (unbatched is not null)
                    LogUnbatched(version, unbatched);
                var batcher = new VersionBatcher(
                    version,
                    session,
                    RulesOf(policy.Serving.Policy, unbatched),
                    counters.Of(version),
                    threads,
                    time
                );
                return new LoadedModel(version, session, file, batcher, unbatched)
                {
                    PolicyAt = time.GetTimestamp(),
                };
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

    /// <summary>The rules that a version follows under a policy.</summary>
    public BatchRules RulesOf(ServingPolicy policy, string? unbatched) =>
        BatchRules.Of(
            policy.Batching ?? BatchingPolicy.Default,
            unbatched is null,
            threads.Count,
            time.TimestampFrequency
        );

    public void Dispose() => _loads.Dispose();

    private long MemoryOf(long fileBytes) =>
        options.Value.SessionOverheadBytes + (long)(fileBytes * options.Value.MemoryFactor);

    private static (IInferenceSession Session, string? Unbatched) Open(
        IInferenceEngine runtime,
        string path,
        ModelSignature signature
    )
    {
        var session = runtime.Load(path, signature);
        try
        {
            return (session, BatchTrial.Run(session));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Calls of model version {Version} run one by one: {Reason}."
    )]
    private partial void LogUnbatched(ModelVersionId version, string reason);
}
