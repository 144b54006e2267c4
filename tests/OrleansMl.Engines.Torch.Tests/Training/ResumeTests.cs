using System.Diagnostics;
using OrleansMl.Contracts;
using OrleansMl.Core.Training.Safetensors;
using OrleansMl.Engines.Torch.Tests.Datasets;

namespace OrleansMl.Engines.Torch.Tests.Training;

/// <summary>DESIGN, invariant 6: a resumed run ends in the weights that an undisturbed run ends in.</summary>
public sealed class ResumeTests : IDisposable
{
    private const string ChildCheckpoint = "OML_TEST_RESUME_CHECKPOINT";
    private const string ChildOutput = "OML_TEST_RESUME_OUTPUT";
    private readonly TrainingBench _bench = new();

    public void Dispose() => _bench.Dispose();

    public static TheoryData<string> Names => ["corners", "customers"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Resumed_from_every_checkpoint_it_ends_in_the_same_bytes(string name)
    {
        var (dataset, config) = Case(name);
        using var undisturbed = new RecordingObserver();
        var outcome = _bench.Train(dataset, config, undisturbed);
        var expected = TrainingBench.Sha256(outcome.WeightsPath);
        Assert.True(undisturbed.Checkpoints.Count >= 3, "too few checkpoints to show anything");

        foreach (var (path, step) in undisturbed.Checkpoints)
        {
            using var resumed = new RecordingObserver();
            var again = _bench.Train(dataset, config, resumed, path);

            Assert.Equal(step, resumed.Progress[0].Step);
            Assert.Equal(expected, TrainingBench.Sha256(again.WeightsPath));
            Assert.Equal(
                undisturbed.Points.Where(p => p.Step > step).Select(Comparable),
                resumed.Points.Where(p => p.Step > step).Select(Comparable)
            );
            Assert.Equal(
                undisturbed
                    .Checkpoints.Where(c => c.Step > step)
                    .Select(c => TrainingBench.Sha256(c.Path)),
                resumed.Checkpoints.Select(c => TrainingBench.Sha256(c.Path))
            );
        }

        static string Comparable(Contracts.Training.MetricPoint point) =>
            $"{point.Series} {point.Step} {point.Epoch} {string.Join(' ', point.Values.OrderBy(v => v.Key).Select(v => $"{v.Key}={v.Value:R}"))}";
    }

    [Fact]
    public async Task Resumed_in_another_process_it_ends_in_the_same_bytes()
    {
        var (dataset, config) = Case("corners");
        using var undisturbed = new RecordingObserver();
        var outcome = _bench.Train(dataset, config, undisturbed);
        var checkpoint = undisturbed.Checkpoints[1].Path;
        var output = checkpoint + ".child";

        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(ResumeTests).Assembly.Location);
        start.ArgumentList.Add("--explicit");
        start.ArgumentList.Add("only");
        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"*{nameof(Another_process_resumes)}");
        start.Environment[ChildCheckpoint] = checkpoint;
        start.Environment[ChildOutput] = output;
        using var process = Process.Start(start)!;
        var cancellation = TestContext.Current.CancellationToken;
        var log = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);

        Assert.True(process.ExitCode == 0, await log + await errors);
        Assert.Equal(
            TrainingBench.Sha256(outcome.WeightsPath),
            await File.ReadAllTextAsync(output, cancellation)
        );
    }

    /// <summary>Runs only in the process that the test above starts.</summary>
    [Fact(Explicit = true)]
    public void Another_process_resumes()
    {
        var checkpoint = Environment.GetEnvironmentVariable(ChildCheckpoint);
        Assert.NotNull(checkpoint);
        var (dataset, config) = Case("corners");
        using var observer = new RecordingObserver();
        var outcome = _bench.Train(dataset, config, observer, checkpoint);
        File.WriteAllText(
            Environment.GetEnvironmentVariable(ChildOutput)!,
            TrainingBench.Sha256(outcome.WeightsPath)
        );
    }

    [Fact]
    public void Another_seed_ends_in_other_weights()
    {
        var (dataset, config) = Case("corners");
        using var observer = new RecordingObserver();
        var one = _bench.Train(dataset, config, observer);
        var other = _bench.Train(
            dataset,
            config.Replace("trainer:", "trainer:\n  seed: 7", StringComparison.Ordinal),
            observer
        );
        Assert.NotEqual(
            TrainingBench.Sha256(one.WeightsPath),
            TrainingBench.Sha256(other.WeightsPath)
        );
    }

    [Fact]
    public void A_hand_over_leaves_a_checkpoint_to_go_on_from()
    {
        var (dataset, config) = Case("corners");
        using var undisturbed = new RecordingObserver();
        var expected = _bench.Train(dataset, config, undisturbed);

        using var leaving = new RecordingObserver { HandOverAfter = 7 };
        var first = _bench.Train(dataset, config, leaving);
        Assert.True(first.HandedOver);
        Assert.Equal("", first.OnnxPath);
        Assert.Equal(leaving.Checkpoints[^1].Step, first.Progress!.Step);

        using var next = new RecordingObserver();
        var second = _bench.Train(dataset, config, next, leaving.Checkpoints[^1].Path);
        Assert.False(second.HandedOver);
        Assert.Equal(
            TrainingBench.Sha256(expected.WeightsPath),
            TrainingBench.Sha256(second.WeightsPath)
        );
    }

    [Fact]
    public void A_checkpoint_of_another_configuration_is_refused()
    {
        var (dataset, config) = Case("corners");
        using var observer = new RecordingObserver();
        _bench.Train(dataset, config, observer);
        var error = Assert.Throws<InvalidInputException>(() =>
            _bench.Train(dataset, config + "\n", observer, observer.Checkpoints[0].Path)
        );
        Assert.Contains(
            "belongs to another configuration",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_naming_what_is_wrong()
    {
        var (dataset, config) = Case("corners");
        using var observer = new RecordingObserver();
        _bench.Train(dataset, config, observer);
        var path = observer.Checkpoints[0].Path;

        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^100]);
        var error = Assert.Throws<InvalidDataException>(() =>
            _bench.Train(dataset, config, observer, path)
        );
        Assert.Contains(Path.GetFileName(path), error.Message, StringComparison.Ordinal);

        File.WriteAllBytes(path, bytes);
        var file = SafetensorsFile.Read(path);
        new SafetensorsFile([.. file.Tensors.Skip(1)], file.Metadata).Write(path);
        error = Assert.Throws<InvalidDataException>(() =>
            _bench.Train(dataset, config, observer, path)
        );
        Assert.Contains(file.Tensors[0].Name, error.Message, StringComparison.Ordinal);
    }

    private static (MemoryDataset Dataset, string Config) Case(string name) =>
        name == "corners"
            ? (Examples.Corners(90, 24, 16), Configurations.Everything)
            : (Examples.Customers(130, 30, 20), Configurations.Table);
}
