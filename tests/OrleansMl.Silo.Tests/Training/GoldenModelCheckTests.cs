using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Silo.Training;

namespace OrleansMl.Silo.Tests.Training;

public sealed class GoldenModelCheckTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oml-golden-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_exported_model_is_loaded_and_compared_and_let_go()
    {
        var engine = new FixedEngine(0.25f);
        await Check(engine).VerifyAsync(Outcome(), TestContext.Current.CancellationToken);
        Assert.Equal(Path.Combine(_folder.FullName, "model.onnx"), engine.Loaded);
        Assert.True(engine.Disposed);
    }

    [Fact]
    public async Task Another_output_is_refused()
    {
        var engine = new FixedEngine(0.26f);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            Check(engine).VerifyAsync(Outcome(), TestContext.Current.CancellationToken)
        );
        Assert.Contains("'p' is 0.26", error.Message, StringComparison.Ordinal);
        Assert.True(engine.Disposed);
    }

    [Fact]
    public async Task An_outcome_without_its_files_is_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var check = Check(new FixedEngine(0.25f));
        await Assert.ThrowsAnyAsync<Exception>(() =>
            check.VerifyAsync(Outcome() with { GoldenPath = "" }, cancellation)
        );
        await Assert.ThrowsAsync<WorkerProtocolException>(() =>
            check.VerifyAsync(Outcome() with { Signature = null }, cancellation)
        );
    }

    private static GoldenModelCheck Check(FixedEngine engine) =>
        new(engine, NullLogger<GoldenModelCheck>.Instance);

    private TrainingOutcome Outcome()
    {
        var golden = Path.Combine(_folder.FullName, "golden.json");
        new GoldenSample([Floats("x", 1)], [Floats("p", 0.25f)]).Write(golden);
        return new TrainingOutcome
        {
            OnnxPath = Path.Combine(_folder.FullName, "model.onnx"),
            GoldenPath = golden,
            Signature = new ModelSignature { Inputs = [], Outputs = [] },
        };
    }

    private static InferenceTensor Floats(string name, float value) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = [1],
            Data = BitConverter.GetBytes(value),
        };

    /// <summary>An engine whose model gives one number.</summary>
    private sealed class FixedEngine(float output) : IInferenceEngine, IInferenceSession
    {
        public string? Loaded { get; private set; }

        public bool Disposed { get; private set; }

        public ModelSignature Signature => new() { Inputs = [], Outputs = [] };

        public long InlineVolume => 0;

        public ModelSignature ReadSignature(string path) => Signature;

        public IInferenceSession Load(string path, ModelSignature signature)
        {
            Loaded = path;
            return this;
        }

        public IReadOnlyList<InferenceTensor> Run(
            IReadOnlyList<InferenceTensor> inputs,
            IReadOnlyList<string> outputs,
            TensorMemory? memory
        ) => [Floats("p", output)];

        public void Dispose() => Disposed = true;
    }
}
