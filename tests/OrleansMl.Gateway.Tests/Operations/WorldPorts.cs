using System.Collections.Concurrent;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Training;

namespace OrleansMl.Gateway.Tests.Operations;

public sealed class MemoryCatalog : ICatalog
{
    public ConcurrentQueue<CatalogEntry> Entries { get; } = new();

    public Func<Exception>? Fault { get; set; }

    public Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken)
    {
        Entries.Enqueue(entry);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string kind, string key, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Grains call this, no gateway.");

    public Task<IReadOnlyList<CatalogEntry>> ListAsync(
        CatalogQuery query,
        CancellationToken cancellationToken
    )
    {
        if (Fault is not null)
            throw Fault();
        return Task.FromResult<IReadOnlyList<CatalogEntry>>([
            .. Entries
                .Where(entry =>
                    entry.Kind == query.Kind
                    && (query.Statuses.Count == 0 || query.Statuses.Contains(entry.Status))
                    && (
                        query.KeyPrefix is null
                        || entry.Key.StartsWith(query.KeyPrefix, StringComparison.Ordinal)
                    )
                )
                .OrderByDescending(entry => entry.CreatedAt)
                .Skip(query.Offset)
                .Take(query.Limit),
        ]);
    }

    public Task<IReadOnlyDictionary<string, long>> CountAsync(
        string kind,
        CancellationToken cancellationToken
    ) =>
        Fault is not null
            ? throw Fault()
            : Task.FromResult<IReadOnlyDictionary<string, long>>(
                Entries
                    .Where(entry => entry.Kind == kind)
                    .GroupBy(entry => entry.Status)
                    .ToDictionary(group => group.Key, group => (long)group.Count())
            );
}

public sealed class FolderArtifacts : IArtifactStore, ILocalArtifacts, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("oml-test-artifacts").FullName;

    private int _leases;

    public int Leases => _leases;

    public async Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var id = ArtifactId.Of(buffer.ToArray());
        await File.WriteAllBytesAsync(
            Path.Combine(_root, id.Hex),
            buffer.ToArray(),
            cancellationToken
        );
        return new ArtifactInfo(id, buffer.Length, default);
    }

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The gateway reads local files.");

    public Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("The gateway reads local files.");

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("The gateway lists nothing.");

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The gateway deletes nothing.");

    public Task<IArtifactLease> AcquireAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_root, id.Hex);
        if (!File.Exists(path))
            throw new ArtifactNotFoundException($"No store has artifact {id}.");
        Interlocked.Increment(ref _leases);
        return Task.FromResult<IArtifactLease>(new Lease(this, path));
    }

    // The container, which knows it by three names, disposes it as often.
    public void Dispose()
    {
        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);
    }

    private sealed class Lease(FolderArtifacts owner, string path) : IArtifactLease
    {
        public string Path => path;

        public void Dispose() => Interlocked.Decrement(ref owner._leases);
    }
}

public sealed class MemoryMetrics : ITrainingMetricsStore
{
    public ConcurrentDictionary<string, IReadOnlyList<MetricPoint>> Points { get; } = new();

    public Task BeginAttemptAsync(
        TrainingRunId run,
        int attempt,
        long resumeStep,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Grains call this, no gateway.");

    public Task AppendAsync(
        TrainingRunId run,
        int attempt,
        IReadOnlyList<MetricPoint> points,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Grains call this, no gateway.");

    public Task<IReadOnlyList<MetricPoint>> ReadAsync(
        TrainingRunId run,
        string? series,
        int limit,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<MetricPoint>>([
            .. Points
                .GetValueOrDefault(run.Value, [])
                .Where(point => series is null || point.Series == series)
                .Take(limit),
        ]);
}

public sealed class ScriptedImporter : IDatasetImporter, IDatasetPreview
{
    public static DatasetColumn[] Schema { get; } =
    [new() { Name = "x", Kind = ColumnKind.Number }];

    public ConcurrentDictionary<string, DatasetImportRequest> Requests { get; } = new();

    /// <summary>By dataset: what the import does; it gets the progress and the token.</summary>
    public ConcurrentDictionary<
        string,
        Func<DatasetImportRequest, IProgress<DatasetImportProgress>?, CancellationToken, Task>
    > Scripts { get; } = new();

    public async Task<DatasetImportResult> ImportAsync(
        DatasetImportRequest request,
        IProgress<DatasetImportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        Requests[request.Name] = request;
        if (Scripts.TryGetValue(request.Name, out var script))
            await script(request, progress, cancellationToken);
        return new DatasetImportResult(
            Schema,
            [
                new DatasetShard
                {
                    Artifact = ArtifactId.Of("shard"u8),
                    Rows = 3,
                    Bytes = 5,
                    SinceVersion = 1,
                },
            ],
            request.Splits,
            [],
            string.Join(", ", request.Files.Select(file => file.Name))
        );
    }

    public Task<DatasetPreview> ReadAsync(
        DatasetManifest manifest,
        long offset,
        int rows,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            new DatasetPreview
            {
                Dataset = manifest.Id,
                Offset = offset,
                Rows =
                [
                    .. Enumerable
                        .Range((int)offset, rows)
                        .Select(row => new DatasetPreviewRow
                        {
                            Split = "train",
                            Values = new Dictionary<string, JsonElement>
                            {
                                ["x"] = JsonElement.Parse(row.ToString()),
                            },
                        }),
                ],
            }
        );
}

public sealed class ScriptedEngine : IInferenceEngine
{
    public static readonly byte[] Model = "an ONNX file, as far as this engine goes"u8.ToArray();

    public static ModelSignature Signature { get; } =
        new()
        {
            Inputs =
            [
                new TensorSignature
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = [-1, 2],
                },
            ],
            Outputs =
            [
                new TensorSignature
                {
                    Name = "scores",
                    Datatype = "FP32",
                    Shape = [-1, 3],
                },
            ],
        };

    private int _loads;

    public int Loads => _loads;

    public ModelSignature ReadSignature(string path) =>
        File.ReadAllBytes(path).AsSpan().SequenceEqual(Model)
            ? Signature
            : throw new InvalidInputException("The file is no ONNX model: bad header.");

    public IInferenceSession Load(string path, ModelSignature signature)
    {
        // Loading on a pool thread would starve the silo (invariant 4).
        if (Thread.CurrentThread.IsThreadPoolThread)
            throw new InvalidOperationException("A model was loaded on the thread pool.");
        Interlocked.Increment(ref _loads);
        return new Session(signature);
    }

    private sealed class Session(ModelSignature signature) : IInferenceSession
    {
        public ModelSignature Signature => signature;

        public long InlineVolume => 0;

        public IReadOnlyList<InferenceTensor> Run(
            IReadOnlyList<InferenceTensor> inputs,
            IReadOnlyList<string> outputs,
            TensorMemory? memory
        ) => throw new NotSupportedException("An import does not predict.");

        public void Dispose() { }
    }
}

public sealed class WorldPredictor(ClusterWorld world) : ILocalPredictor
{
    public bool Available { get; set; } = true;

    /// <summary>What a call of this silo's predictor does before it answers.</summary>
    public Func<InferenceRequest, Task>? Entering { get; set; }

    public async ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        if (Entering is { } entering)
            await entering(request).WaitAsync(cancellationToken);
        return world.Predict(version.ToString(), request);
    }

    public ValueTask<ModelSignature> GetSignatureAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) => new(world.Versions[version.ToString()].Signature);
}

/// <summary>Asks the world's grains.</summary>
public sealed class WorldModelSource(IGrainFactory grains) : IModelSource
{
    public Task<ModelSnapshot?> FindAsync(string model, CancellationToken cancellationToken) =>
        grains.GetGrain<IModelGrain>(model).GetAsync(cancellationToken);

    public Task<ServingPolicySnapshot> GetPolicyAsync(
        string model,
        CancellationToken cancellationToken
    ) => grains.GetGrain<IModelServingGrain>(model).GetAsync(cancellationToken);

    public Task<TrafficRouting?> GetTrafficAsync(
        string model,
        CancellationToken cancellationToken
    ) => grains.GetGrain<IModelTrafficGrain>(model).GetRoutingAsync(cancellationToken);

    public Task<ModelVersionSnapshot?> FindVersionAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) =>
        grains
            .GetGrain<IModelGrain>(version.Name)
            .GetVersionAsync(version.Version, cancellationToken);
}

/// <summary>The world's local predictor where there is one, else its grains.</summary>
public sealed class WorldModelPredictor(ILocalPredictor local, IGrainFactory grains)
    : IModelPredictor
{
    public ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        local.Available
            ? local.PredictAsync(version, request, cancellationToken)
            : new(
                grains
                    .GetGrain<IPredictorGrain>(version.ToString())
                    .PredictAsync(request, cancellationToken)
            );

    public async ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        if (local.Available)
            await local.GetSignatureAsync(version, cancellationToken);
        else
            await grains
                .GetGrain<IPredictorGrain>(version.ToString())
                .GetSignatureAsync(cancellationToken);
    }
}

/// <summary>Serving silos of which some can't load.</summary>
public sealed class WorldServingSilos(ClusterWorld world) : IServingSilos
{
    public IReadOnlyList<string> Names { get; } = ["silo-a", "silo-b"];

    public Task<InferenceResponse> PredictAsync(
        string silo,
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) => Task.FromResult(world.Predict(version.ToString(), request));

    public Task<ModelResidence> LoadAsync(
        string silo,
        ModelVersionId version,
        CancellationToken cancellationToken
    ) =>
        world.Faults.TryGetValue($"{silo}/{version}", out var fault)
            ? throw fault()
            : Task.FromResult(
                new ModelResidence
                {
                    Version = version,
                    Silo = silo,
                    State = ModelResidenceState.Ready,
                }
            );
}
