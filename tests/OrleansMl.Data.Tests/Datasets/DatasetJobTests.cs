using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Data.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

/// <summary>Batch scoring over real Parquet files.</summary>
public sealed class DatasetJobTests : IDisposable
{
    private static readonly ModelSignature Signature = new()
    {
        Inputs =
        [
            Tensor("x", "FP32", -1, 1) with
            {
                AllowsMissing = true,
            },
            Tensor("n", "INT64", -1),
            Tensor("t", "BYTES", -1, 1),
        ],
        Outputs =
        [
            Tensor("score", "FP32", -1),
            Tensor("both", "FP32", -1, 2),
            Tensor("label", "BYTES", -1),
            Tensor("big", "BOOL", -1, 1),
            Tensor("index", "INT32", -1),
        ],
    };

    private readonly Import _import = new();
    private readonly RowModel _model = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _import.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("train")]
    [InlineData("test")]
    public async Task Every_row_of_the_split_gets_its_own_answer_once_and_in_order(string? split)
    {
        var manifest = await ImportAsync();
        var report = new Report();

        var result = await RunAsync(Job(manifest, split, 64), manifest, report);

        var commit = Assert.Single(report.Commits);
        Assert.Equal(new DatasetVersionId("scored", 1), result.Dataset);
        var source = _import.Rows(Result(manifest.Schema, manifest.Shards));
        var wanted = source
            .Where(row => split is null || (byte)row[^1]! == (split == "train" ? 0 : 2))
            .ToList();
        var scored = _import.Rows(Result(commit.Schema, commit.NewShards));
        Assert.Equal(wanted.Count, scored.Count);
        Assert.InRange(wanted.Count, 20, 1_000);
        foreach (var (row, answer) in wanted.Zip(scored))
        {
            // The same row on demand, alone.
            var x = row[1] is { } number ? (float)(double)number : float.NaN;
            var alone = RowModel.Answer(x, (long)row[2]!, (string)row[3]!);
            Assert.Equal(row[0], answer[0]);
            Assert.Equal(float.IsNaN(alone.Score) ? null : (double)alone.Score, answer[1]);
            Assert.Equal(new[] { alone.Score, -alone.Score }, (float[])answer[2]!);
            Assert.Equal(alone.Label, answer[3]);
            Assert.Equal(alone.Score > 50, answer[4]);
            Assert.Equal((long)(int)(long)row[2]!, answer[5]);
            Assert.Equal(row[^1], answer[^1]);
        }
        Assert.Equal(wanted.Count, commit.Statistics.Sum(s => s.Rows));
        Assert.Equal((split, "nightly"), (commit.Lineage!.Split, commit.Lineage.Job));
        Assert.All(_model.Batches, rows => Assert.InRange(rows, 1, 50));
    }

    [Fact]
    public async Task A_job_that_is_interrupted_at_any_chunk_makes_the_very_files_of_an_undisturbed_one()
    {
        var manifest = await ImportAsync();
        var undisturbed = new Report();
        await RunAsync(Job(manifest, "train", 200), manifest, undisturbed);
        Assert.InRange(undisturbed.Chunks.Count, 4, 20);

        for (var last = 0; last < undisturbed.Chunks.Count; last++)
        {
            var report = new Report { FailAt = last };
            await Assert.ThrowsAsync<IOException>(() =>
                RunAsync(Job(manifest, "train", 200), manifest, report)
            );
            Assert.Equal(last, report.Chunks.Count);
            report.FailAt = null;
            _model.Batches.Clear();

            await RunAsync(
                Job(manifest, "train", 200) with
                {
                    Chunks = [.. report.Chunks],
                    Attempt = 2,
                },
                manifest,
                report
            );

            Assert.Equal(undisturbed.Chunks, report.Chunks);
            Assert.Equal(
                undisturbed.Chunks.Skip(last).Sum(chunk => chunk.Rows),
                _model.Batches.Sum()
            );
            Assert.Equal(
                undisturbed.Commits[0].NewShards.Select(s => s.Artifact),
                report.Commits[0].NewShards.Select(s => s.Artifact)
            );
        }
    }

    [Fact]
    public async Task Rows_that_no_model_input_can_be_are_refused_before_anything_runs()
    {
        var manifest = await ImportAsync();

        Refused(Signature with { Inputs = [Tensor("y", "FP32", -1)] }, "has no column of its name");
        Refused(
            Signature with
            {
                Inputs = [Tensor("t", "FP32", -1)],
            },
            "column 't' (Text) can't be"
        );
        Refused(Signature with { Inputs = [Tensor("x", "FP32", -1, 3)] }, "column 'x' (Number)");
        Refused(Signature with { Outputs = [Tensor("o", "INT64", -1, 3)] }, "can't be a column");
        Refused(Signature, "no column 'z'", "z");
        Refused(Signature with { Outputs = [Tensor("id", "INT64", -1)] }, "two columns", "id");
        var missing = await Assert.ThrowsAsync<InvalidInputException>(() =>
            RunAsync(
                Job(manifest, null, 64),
                manifest,
                new Report(),
                Signature with
                {
                    Inputs = [Tensor("x", "FP32", -1), .. Signature.Inputs.Skip(1)],
                }
            )
        );
        Assert.Contains("Column 'x' has no value in row", missing.Message);

        void Refused(ModelSignature signature, string expected, params string[] keep)
        {
            var error = Assert.Throws<InvalidInputException>(() =>
                JobPlan.Of(signature, manifest.Schema, keep, "")
            );
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    private async Task<DatasetManifest> ImportAsync()
    {
        _import.Options.MaxRowsPerShard = 300;
        _import.Options.MaxRowsPerBatch = 100;
        var csv = new StringBuilder("id,x,n,t\n");
        for (var i = 0; i < 1_000; i++)
            csv.Append($"{i},{(i % 37 == 0 ? "" : $"{i * 0.1 + 0.05}")},{i * 7},text {i % 11}\n");
        var result = await _import.RunAsync(_import.File("rows.csv", csv.ToString()));
        return Import.Commit(result);
    }

    private Task<JobResult> RunAsync(
        InferenceJobSnapshot job,
        DatasetManifest manifest,
        Report report,
        ModelSignature? signature = null
    ) =>
        new DatasetJob(
            new JobCalls(_model.Invoker, TimeProvider.System),
            new DatasetShards(
                _import.Artifacts,
                Microsoft.Extensions.Options.Options.Create(_import.Options)
            ),
            _import.Artifacts
        ).RunAsync(job, manifest, signature ?? Signature, 50, report, Cancel);

    private static InferenceJobSnapshot Job(DatasetManifest manifest, string? split, int chunk) =>
        new()
        {
            Id = "nightly",
            Phase = InferenceJobPhase.Running,
            Attempt = 1,
            Spec = new InferenceJobSpec
            {
                Model = new ModelVersionId("rows", 1),
                Dataset = manifest.Id,
                Split = split,
                Keep = ["id"],
                Output = "scored",
                ChunkRows = chunk,
                Rows = 1,
            },
        };

    private static Core.Datasets.DatasetImportResult Result(
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<DatasetShard> shards
    ) => new(schema, shards, new SplitPolicy(), [], "");

    private static TensorSignature Tensor(string name, string datatype, params long[] shape) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
        };

    private sealed class Report : IJobReport
    {
        public List<JobChunk> Chunks { get; } = [];

        public List<DatasetCommit> Commits { get; } = [];

        public int? FailAt { get; set; }

        public Task ChunkAsync(JobChunk chunk, CancellationToken cancellationToken)
        {
            if (chunk.Index == FailAt)
                throw new IOException("the silo died");
            Assert.Equal(Chunks.Count, chunk.Index);
            Chunks.Add(chunk);
            return Task.CompletedTask;
        }

        public Task<DatasetVersionId> CommitAsync(
            string dataset,
            DatasetCommit commit,
            CancellationToken cancellationToken
        )
        {
            Assert.Equal("job/nightly", commit.CommandId);
            Commits.Add(commit);
            return Task.FromResult(new DatasetVersionId(dataset, 1));
        }
    }

    private sealed class RowModel : IModelPredictor, IModelSource
    {
        public RowModel() =>
            Invoker = new ModelInvoker(
                new ModelRoutes(
                    this,
                    Microsoft.Extensions.Options.Options.Create(new RoutingOptions()),
                    TimeProvider.System,
                    NullLogger<ModelRoutes>.Instance
                ),
                this,
                NoTraffic(),
                []
            );

        public ModelInvoker Invoker { get; }

        private static TrafficRouter NoTraffic() =>
            new(
                new TrafficCounters(),
                new ShadowQueue(Microsoft.Extensions.Options.Options.Create(new TrafficOptions())),
                new TrafficRandom(1),
                TimeProvider.System
            );

        public List<int> Batches { get; } = [];

        public static (float Score, string Label) Answer(float x, long n, string t) =>
            (x * 2 + n / 1000f, $"{t} of {n}");

        public ValueTask<InferenceResponse> PredictAsync(
            ModelVersionId version,
            InferenceRequest request,
            CancellationToken cancellationToken
        )
        {
            var x = MemoryMarshal.Cast<byte, float>(request.Inputs[0].Data.Span).ToArray();
            var n = MemoryMarshal.Cast<byte, long>(request.Inputs[1].Data.Span).ToArray();
            var t = Texts(request.Inputs[2].Data.Span);
            Batches.Add(x.Length);
            var answers = x.Select((value, i) => Answer(value, n[i], t[i])).ToArray();
            return new(
                new InferenceResponse
                {
                    Model = version.Name,
                    Version = version.Version,
                    Outputs =
                    [
                        Output("score", "FP32", answers.Select(a => a.Score), x.Length),
                        Output(
                            "both",
                            "FP32",
                            answers.SelectMany(a => new[] { a.Score, -a.Score }),
                            x.Length,
                            2
                        ),
                        new InferenceTensor
                        {
                            Name = "label",
                            Datatype = "BYTES",
                            Shape = [x.Length],
                            Data = answers.SelectMany(a => Bytes(a.Label)).ToArray(),
                        },
                        Output("big", "BOOL", answers.Select(a => a.Score > 50), x.Length, 1),
                        Output("index", "INT32", n.Select(value => (int)value), x.Length),
                    ],
                }
            );
        }

        public ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;

        public Task<ModelSnapshot?> FindAsync(string model, CancellationToken cancellationToken) =>
            Task.FromResult<ModelSnapshot?>(
                new ModelSnapshot
                {
                    Name = model,
                    LatestVersion = 1,
                    Aliases = new Dictionary<string, int>(),
                }
            );

        public Task<ServingPolicySnapshot> GetPolicyAsync(
            string model,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult(
                new ServingPolicySnapshot
                {
                    Model = model,
                    Revision = 0,
                    Policy = ServingPolicy.Default,
                }
            );

        public Task<TrafficRouting?> GetTrafficAsync(
            string model,
            CancellationToken cancellationToken
        ) => Task.FromResult<TrafficRouting?>(null);

        public Task<ModelVersionSnapshot?> FindVersionAsync(
            ModelVersionId version,
            CancellationToken cancellationToken
        ) => Task.FromResult<ModelVersionSnapshot?>(null);

        private static InferenceTensor Output<T>(
            string name,
            string datatype,
            IEnumerable<T> values,
            params long[] shape
        )
            where T : unmanaged =>
            new()
            {
                Name = name,
                Datatype = datatype,
                Shape = shape,
                Data = MemoryMarshal.AsBytes<T>(values.ToArray()).ToArray(),
            };

        private static byte[] Bytes(string text)
        {
            var bytes = new byte[4 + Encoding.UTF8.GetByteCount(text)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - 4);
            Encoding.UTF8.GetBytes(text, bytes.AsSpan(4));
            return bytes;
        }

        private static List<string> Texts(ReadOnlySpan<byte> data)
        {
            List<string> texts = [];
            while (data.Length > 0)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(data);
                texts.Add(Encoding.UTF8.GetString(data.Slice(4, length)));
                data = data[(4 + length)..];
            }
            return texts;
        }
    }
}
