using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Grains.Serving.Jobs;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving;

public sealed class InferenceJobGrainTests
{
    [Fact]
    public async Task A_submitted_request_is_answered_bit_by_bit_as_on_demand_and_its_result_is_kept_and_then_let_go()
    {
        using var files = new Files();
        await using var cluster = await StartAsync(files, slots: 1);
        var request = TestModels.Request(1, 2, 3, 4, 5, 6);
        var spec = await SpecAsync(cluster, files, request) with { ChunkRows = 2 };

        await Job(cluster).SubmitAsync(spec, GrainCluster.Cancel);
        var done = await WaitAsync(cluster, InferenceJobPhase.Succeeded);

        Assert.Equal((1, 3L, 2), (done.Attempt, done.RowsDone, done.Chunks.Count));
        var result = TensorFile.Read(files.Bytes(done.Result!.Value));
        Assert.Equal(request.Inputs[0].Data.ToArray(), Assert.Single(result).Data.ToArray());
        Assert.Equal([3, 2], result[0].Shape);
        ArtifactId[] kept = [done.Result.Value, .. done.Chunks.Select(c => c.Artifact!.Value)];
        Assert.Empty(await cluster.References.FindUnreferencedAsync(kept, GrainCluster.Cancel));

        // Not before its time.
        await RemindAsync(cluster);
        Assert.Equal(InferenceJobPhase.Succeeded, (await GetAsync(cluster)).Phase);
        cluster.Time.Advance(TimeSpan.FromDays(8));
        await RemindAsync(cluster);
        Assert.Equal(InferenceJobPhase.Expired, (await GetAsync(cluster)).Phase);
        Assert.Equal(
            kept.ToHashSet(),
            await cluster.References.FindUnreferencedAsync(kept, GrainCluster.Cancel)
        );
    }

    [Fact]
    public async Task A_job_that_can_not_be_done_fails_with_the_reason()
    {
        using var files = new Files();
        await using var cluster = await StartAsync(files, slots: 1);
        var spec = await SpecAsync(cluster, files, TestModels.Request(1, float.NaN));

        await Job(cluster).SubmitAsync(spec, GrainCluster.Cancel);
        var failed = await WaitAsync(cluster, InferenceJobPhase.Failed);

        Assert.Contains("got NaN at element 1", failed.Error);
        Assert.Equal(1, failed.Attempt);
    }

    [Fact]
    public async Task A_running_job_stops_when_it_is_cancelled()
    {
        using var files = new Files();
        await using var cluster = await StartAsync(files, slots: 1);
        cluster.Engine.InlineVolume = 0;
        cluster.Engine.RunGate.Reset();
        var spec = await SpecAsync(cluster, files, TestModels.Request(1, 2, 3, 4)) with
        {
            ChunkRows = 1,
        };
        await Job(cluster).SubmitAsync(spec, GrainCluster.Cancel);
        await WaitAsync(cluster, InferenceJobPhase.Running);

        Assert.True((await Job(cluster).CancelAsync(GrainCluster.Cancel)).CancelRequested);
        cluster.Engine.RunGate.Set();
        var cancelled = await WaitAsync(cluster, InferenceJobPhase.Cancelled);

        Assert.InRange(cancelled.RowsDone, 0, 1);
    }

    [Fact]
    public async Task An_older_attempt_is_refused_and_the_next_goes_on_after_what_is_recorded()
    {
        using var files = new Files();
        await using var cluster = await StartAsync(files);
        var spec = await SpecAsync(cluster, files, TestModels.Request(1, 2, 3, 4)) with
        {
            ChunkRows = 1,
        };
        await Job(cluster).SubmitAsync(spec, GrainCluster.Cancel);
        await Job(cluster).BeginAttemptAsync("silo-0", GrainCluster.Cancel);
        await Job(cluster).ReportChunkAsync(1, Chunk(0), GrainCluster.Cancel);

        await cluster.DeactivateAsync(Job(cluster));
        var second = await Job(cluster).BeginAttemptAsync("silo-1", GrainCluster.Cancel);

        Assert.Equal((2, 1), (second!.Attempt, second.Chunks.Count));
        Assert.Equal(
            AttemptDirective.Stale,
            await Job(cluster).ReportChunkAsync(1, Chunk(1), GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Continue,
            await Job(cluster).ReportChunkAsync(2, Chunk(1), GrainCluster.Cancel)
        );
        // A repeat whose answer was lost is harmless; another file in its place is not.
        Assert.Equal(
            AttemptDirective.Continue,
            await Job(cluster).ReportChunkAsync(2, Chunk(1), GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Stale,
            await Job(cluster).ReportChunkAsync(2, Chunk(1) with { Bytes = 9 }, GrainCluster.Cancel)
        );
        var result = new JobResult { Attempt = 1, Result = Chunk(1).Artifact };
        Assert.Equal(
            AttemptDirective.Stale,
            await Job(cluster).CompleteAsync(result, GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Continue,
            await Job(cluster).CompleteAsync(result with { Attempt = 2 }, GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Continue,
            await Job(cluster).CompleteAsync(result with { Attempt = 2 }, GrainCluster.Cancel)
        );
        Assert.Equal(InferenceJobPhase.Succeeded, (await GetAsync(cluster)).Phase);
    }

    [Fact]
    public async Task A_chunk_whose_write_fails_is_recorded_once_by_its_repeat()
    {
        foreach (var afterTheWrite in new[] { false, true })
        {
            using var files = new Files();
            await using var cluster = await StartAsync(files);
            var spec = await SpecAsync(cluster, files, TestModels.Request(1, 2));
            await Job(cluster).SubmitAsync(spec, GrainCluster.Cancel);
            await Job(cluster).BeginAttemptAsync("silo-0", GrainCluster.Cancel);
            cluster.Faults.Arm(1, afterTheWrite, only: "state inference-job");

            await Assert.ThrowsAsync<UnavailableException>(() =>
                Job(cluster).ReportChunkAsync(1, Chunk(0), GrainCluster.Cancel)
            );
            await cluster.DeactivateAsync(Job(cluster));
            Assert.Equal(
                AttemptDirective.Continue,
                await Job(cluster).ReportChunkAsync(1, Chunk(0), GrainCluster.Cancel)
            );

            Assert.Single((await GetAsync(cluster)).Chunks);
        }
    }

    [Fact]
    public async Task The_same_ask_again_is_the_same_job_and_another_under_its_id_is_refused()
    {
        using var files = new Files();
        await using var cluster = await StartAsync(files);
        var spec = await SpecAsync(cluster, files, TestModels.Request(1, 2));
        var first = await Job(cluster).SubmitAsync(spec, GrainCluster.Cancel);
        var again = await Job(cluster)
            .SubmitAsync(spec with { SubmittedBy = "someone else" }, GrainCluster.Cancel);

        Assert.Equal(first.SubmittedAt, again.SubmittedAt);
        await Assert.ThrowsAsync<ConflictException>(() =>
            Job(cluster).SubmitAsync(spec with { ChunkRows = 7 }, GrainCluster.Cancel)
        );
        foreach (
            var wrong in new[]
            {
                spec with
                {
                    Request = null,
                },
                spec with
                {
                    Output = "d",
                },
                spec with
                {
                    ChunkRows = 0,
                },
                spec with
                {
                    Rows = 0,
                },
                spec with
                {
                    KeepFor = TimeSpan.FromSeconds(1),
                },
                spec with
                {
                    Request = null,
                    Dataset = new DatasetVersionId("d", 1),
                    Split = "some",
                },
            }
        )
            await Assert.ThrowsAsync<InvalidInputException>(() =>
                cluster
                    .Grains.GetGrain<IInferenceJobGrain>("other")
                    .SubmitAsync(wrong, GrainCluster.Cancel)
            );
        Assert.Null(
            await cluster.Grains.GetGrain<IInferenceJobGrain>("other").GetAsync(GrainCluster.Cancel)
        );
        Assert.Equal(
            InferenceJobPhase.Cancelled,
            (await Job(cluster).CancelAsync(GrainCluster.Cancel)).Phase
        );
    }

    [Fact]
    public async Task Jobs_of_a_silo_that_falls_silent_are_dealt_out_to_another_and_taken_from_the_first()
    {
        using var files = new Files();
        await using var cluster = await StartAsync(files);
        var spec = await SpecAsync(cluster, files, TestModels.Request(1, 2));
        await Job(cluster).SubmitAsync(spec, GrainCluster.Cancel);
        var pool = cluster.Grains.GetGrain<IJobPoolGrain>(IJobPoolGrain.Key);
        await BeatAsync("silo-a", 0);
        cluster.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Empty((await BeatAsync("silo-b", 0)).Start);
        Assert.Equal(["j"], (await BeatAsync("silo-a", 1)).Start);
        Assert.Empty((await BeatAsync("silo-b", 1)).Start);
        await BeatAsync("silo-a", 1, "j");
        cluster.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(["j"], (await BeatAsync("silo-b", 1)).Start);
        Assert.Equal(["j"], (await BeatAsync("silo-a", 1, "j")).Stop);

        // A new activation finds the job in the catalogue.
        await cluster.DeactivateAsync(pool);
        await BeatAsync("silo-c", 0);
        cluster.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["j"], (await BeatAsync("silo-c", 1)).Start);
        await Job(cluster).CancelAsync(GrainCluster.Cancel);
        Assert.Equal(["j"], (await BeatAsync("silo-c", 1, "j")).Stop);

        Task<JobOrders> BeatAsync(string silo, int slots, params string[] running) =>
            pool.HeartbeatAsync(
                new JobHeartbeat
                {
                    Silo = silo,
                    Slots = slots,
                    Running = running,
                },
                GrainCluster.Cancel
            );
    }

    private static JobChunk Chunk(int index) =>
        new()
        {
            Index = index,
            Artifact = TestModels.Artifact($"chunk {index}"),
            Rows = 1,
            Bytes = 1,
        };

    private static Task<GrainCluster> StartAsync(Files files, int slots = 0) =>
        GrainCluster.StartAsync(services =>
        {
            services.AddSingleton<IArtifactStore>(files);
            services.AddSingleton<IDatasetShards, NoShards>();
            services.Configure<JobOptions>(options => options.Slots = slots);
            services.AddSingleton<ILocalArtifacts>(provider => new JobFiles(
                files,
                (ILocalArtifacts)provider.GetRequiredService<IInferenceEngine>()
            ));
        });

    private static IInferenceJobGrain Job(GrainCluster cluster) =>
        cluster.Grains.GetGrain<IInferenceJobGrain>("j");

    private static async Task<InferenceJobSnapshot> GetAsync(GrainCluster cluster) =>
        (await Job(cluster).GetAsync(GrainCluster.Cancel))!;

    private static Task RemindAsync(GrainCluster cluster) =>
        Job(cluster)
            .AsReference<IRemindable>()
            .ReceiveReminder("expiry", default, GrainCluster.Cancel);

    private static async Task<InferenceJobSpec> SpecAsync(
        GrainCluster cluster,
        Files files,
        InferenceRequest request
    )
    {
        await cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel);
        using var content = new MemoryStream(TensorFile.Write(request.Inputs));
        return new InferenceJobSpec
        {
            Model = new ModelVersionId("churn", 1),
            Request = (await files.PutAsync(content, GrainCluster.Cancel)).Id,
            Rows = request.Inputs[0].Shape[0],
        };
    }

    private static Task<InferenceJobSnapshot> WaitAsync(
        GrainCluster cluster,
        InferenceJobPhase phase
    ) => cluster.DriveAsync(SeenAsync(cluster, phase));

    private static async Task<InferenceJobSnapshot> SeenAsync(
        GrainCluster cluster,
        InferenceJobPhase phase
    )
    {
        var seen = await GetAsync(cluster);
        while (seen.Phase != phase)
        {
            if (seen.EndedAt is not null)
                Assert.Fail($"the job is {seen.Phase}: {seen.Error}");
            seen = (await Job(cluster).WaitAsync(seen.Revision, GrainCluster.Cancel))!;
        }
        return seen;
    }

    private sealed class NoShards : IDatasetShards
    {
        public IEnumerable<DatasetBatch> ReadRows(
            string path,
            IReadOnlyList<DatasetColumn> columns,
            long skip,
            long take
        ) => throw new NotSupportedException("These jobs answer requests.");

        public Task<DatasetShard> StoreAsync(
            IReadOnlyList<DatasetColumn> schema,
            IReadOnlyList<DatasetBatch> batches,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException("These jobs answer requests.");
    }

    /// <summary>The job's own files, and the engine's for all others.</summary>
    private sealed class JobFiles(Files files, ILocalArtifacts others) : ILocalArtifacts
    {
        public Task<IArtifactLease> AcquireAsync(
            ArtifactId id,
            CancellationToken cancellationToken
        ) =>
            files.PathOf(id) is { } path
                ? Task.FromResult<IArtifactLease>(new Lease(path))
                : others.AcquireAsync(id, cancellationToken);

        private sealed record Lease(string Path) : IArtifactLease
        {
            public void Dispose() { }
        }
    }

    private sealed class Files : IArtifactStore, IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oml-jobs-");
        private readonly ConcurrentDictionary<ArtifactId, long> _known = new();

        public string? PathOf(ArtifactId id) =>
            _known.ContainsKey(id) ? Path.Combine(_folder.FullName, id.Hex) : null;

        public byte[] Bytes(ArtifactId id) => File.ReadAllBytes(PathOf(id)!);

        public async Task<ArtifactInfo> PutAsync(
            Stream content,
            CancellationToken cancellationToken
        )
        {
            using var memory = new MemoryStream();
            await content.CopyToAsync(memory, cancellationToken);
            var id = ArtifactId.Of(memory.ToArray());
            await File.WriteAllBytesAsync(
                Path.Combine(_folder.FullName, id.Hex),
                memory.ToArray(),
                cancellationToken
            );
            _known[id] = memory.Length;
            return new ArtifactInfo(id, memory.Length, default);
        }

        public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
            Task.FromResult(
                _known.TryGetValue(id, out var bytes) ? new ArtifactInfo(id, bytes, default) : null
            );

        public Task<Stream> OpenReadAsync(
            ArtifactId id,
            ArtifactRange? range,
            CancellationToken cancellationToken
        ) => Task.FromResult<Stream>(File.OpenRead(PathOf(id)!));

        public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException("No job lists artifacts.");

        public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
            throw new NotSupportedException("No job deletes artifacts.");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
