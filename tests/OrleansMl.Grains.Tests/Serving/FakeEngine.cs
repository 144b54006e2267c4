using System.Collections.Concurrent;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving;

namespace OrleansMl.Grains.Tests.Serving;

/// <summary>Sessions that echo their first input, as slow or broken as a test wants them.</summary>
internal sealed class FakeEngine : IInferenceEngine, ILocalArtifacts
{
    public long InlineVolume { get; set; } = 1;

    /// <summary>Loading fails while set.</summary>
    public Exception? LoadError { get; set; }

    /// <summary>Loading waits for this.</summary>
    public ManualResetEventSlim LoadGate { get; } = new(initialState: true);

    /// <summary>Running waits for this.</summary>
    public ManualResetEventSlim RunGate { get; } = new(initialState: true);

    public ConcurrentQueue<string> Loads { get; } = new();

    public ConcurrentQueue<string> Disposals { get; } = new();

    public ConcurrentQueue<bool> RanOnPool { get; } = new();

    /// <summary>Rows of each run, those of the trial left out.</summary>
    public ConcurrentQueue<long> Rows { get; } = new();

    public ConcurrentQueue<bool> LoadedOnPool { get; } = new();

    public ModelSignature ReadSignature(string path) => TestModels.Signature;

    public IInferenceSession Load(string path, ModelSignature signature)
    {
        LoadGate.Wait(TestContext.Current.CancellationToken);
        LoadedOnPool.Enqueue(Thread.CurrentThread.IsThreadPoolThread);
        if (LoadError is { } error)
            throw error;
        Loads.Enqueue(path);
        return new Session(this, path, signature);
    }

    /// <summary>Artifacts that are real files, by hash; others are their own hash.</summary>
    public ConcurrentDictionary<string, string> Files { get; } = new();

    public Task<IArtifactLease> AcquireAsync(ArtifactId id, CancellationToken cancellationToken) =>
        Task.FromResult<IArtifactLease>(new Lease(Files.GetValueOrDefault(id.Hex, id.Hex)));

    private sealed record Lease(string Path) : IArtifactLease
    {
        public void Dispose() { }
    }

    private sealed class Session(FakeEngine engine, string path, ModelSignature signature)
        : IInferenceSession
    {
        private const int TrialRuns = 3;
        private int _runs;

        public ModelSignature Signature => signature;

        public long InlineVolume => engine.InlineVolume;

        public IReadOnlyList<InferenceTensor> Run(
            IReadOnlyList<InferenceTensor> inputs,
            IReadOnlyList<string> outputs,
            TensorMemory? memory
        )
        {
            // Two rows, then both together: the trial at loading.
            if (Interlocked.Increment(ref _runs) <= TrialRuns)
                return [inputs[0] with { Name = "y" }];
            engine.RunGate.Wait(TestContext.Current.CancellationToken);
            engine.Rows.Enqueue(inputs[0].Shape[0]);
            engine.RanOnPool.Enqueue(Thread.CurrentThread.IsThreadPoolThread);
            return [inputs[0] with { Name = "y" }];
        }

        public void Dispose() => engine.Disposals.Enqueue(path);
    }
}
