using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Training.Safetensors;
using OrleansMl.Engines.Onnx;
using OrleansMl.Engines.Torch.Tests.Datasets;
using OrleansMl.Engines.Torch.Training;

namespace OrleansMl.Engines.Torch.Tests.Training;

public sealed class TorchTrainingEngineTests : IDisposable
{
    private readonly TrainingBench _bench = new();
    private readonly RecordingObserver _observer = new();

    public void Dispose()
    {
        _bench.Dispose();
        _observer.Dispose();
    }

    [Fact]
    public void Images_are_learned_and_scored_on_every_split()
    {
        var outcome = _bench.Train(
            Examples.Corners(400, 60, 80),
            """
            model: corners
            dataset: memory
            input_features:
              - { name: image, type: image, encoder: { type: cnn, channels: [8], hidden: [16] } }
            output_features: [{ name: label, type: category }]
            trainer: { epochs: 6, batch_size: 32, optimizer: { type: adam, learning_rate: 0.01 } }
            """,
            _observer
        );
        Assert.Equal(["train", "validation", "test"], outcome.Evaluations.Select(e => e.Split));
        Assert.Equal([400L, 60L, 80L], outcome.Evaluations.Select(e => e.Examples));
        var test = outcome.Evaluations[2];
        Assert.True(test.Metrics["accuracy"] >= 0.95, $"accuracy {test.Metrics["accuracy"]}");
        Assert.Equal(80, test.ConfusionMatrix.Sum(row => row.Sum()));
        Assert.Equal(["0", "1", "2", "3"], test.Labels);
        Assert.Equal("classification", outcome.Signature!.Task);
        Assert.Equal(6 * 13, outcome.Progress!.Step);
        Assert.Equal(outcome.Progress.Step, outcome.Progress.TotalSteps);
        Assert.Equal(6, _observer.Points.Count(p => p.Series == "train"));
        Assert.Equal(6, _observer.Points.Count(p => p.Series == "validation"));
        Assert.Single(_observer.Points, p => p.Series == "test");
        Assert.All(
            _observer.Points.Where(p => p.Series == "step"),
            p => Assert.Equal(["accuracy", "learning_rate", "loss"], p.Values.Keys.Order())
        );
    }

    [Fact]
    public void Numbers_flags_and_labels_are_learned_from_columns_of_every_kind()
    {
        var outcome = _bench.Train(
            Examples.Customers(600, 100, 100),
            Configurations.Table.Replace("epochs: 5", "epochs: 40", StringComparison.Ordinal),
            _observer
        );
        var test = outcome.Evaluations[^1].Metrics;
        Assert.True(test["bought_accuracy"] > 0.85, $"bought {test["bought_accuracy"]}");
        Assert.True(test["spent_r2"] > 0.8, $"spent {test["spent_r2"]}");
        Assert.True(test["segment_accuracy"] > 0.85, $"segment {test["segment_accuracy"]}");
    }

    [Theory]
    [InlineData("corners")]
    [InlineData("customers")]
    public void The_exported_model_gives_what_the_trained_one_gave(string name)
    {
        var (dataset, config) =
            name == "corners"
                ? (Examples.Corners(90, 24, 40), Configurations.Everything)
                : (Examples.Customers(130, 30, 40), Configurations.Table);
        var outcome = _bench.Train(dataset, config, _observer);
        var sample = GoldenSample.Read(outcome.GoldenPath);
        Assert.Equal(16, sample.Inputs[0].Shape[0]);
        using var services = new ServiceCollection()
            .AddLogging()
            .AddOnnxEngine()
            .BuildServiceProvider();
        using var session = services
            .GetRequiredService<IInferenceEngine>()
            .Load(outcome.OnnxPath, outcome.Signature!);
        Assert.InRange(GoldenCheck.Verify(session, sample), 0, GoldenCheck.Tolerance);

        // And the check can fail.
        var changed = sample.Outputs[0].Data.ToArray();
        changed[3] ^= 1;
        var wrong = sample with { Outputs = [sample.Outputs[0] with { Data = changed }] };
        var error = Assert.Throws<InvalidInputException>(() => GoldenCheck.Verify(session, wrong));
        Assert.Contains(sample.Outputs[0].Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Early_stopping_ends_the_run_and_keeps_the_best_weights()
    {
        const string Config = """
            model: corners
            dataset: memory
            input_features: [{ name: image, type: image, encoder: { type: mlp, hidden: [16] } }]
            output_features: [{ name: label, type: category }]
            trainer:
              epochs: 60
              batch_size: 16
              optimizer: { type: adam, learning_rate: 0.02 }
              early_stopping: { metric: loss, patience: 2, min_delta: 0.01 }
            """;
        var outcome = _bench.Train(Examples.Corners(60, 40), Config, _observer);
        var losses = _observer
            .Points.Where(p => p.Series == "validation")
            .Select(p => p.Values["loss"])
            .ToList();
        Assert.True(outcome.Progress!.Step < outcome.Progress.TotalSteps, "it never stopped");
        var best = 0;
        for (var epoch = 1; epoch < losses.Count; epoch++)
            best = losses[epoch] < losses[best] - 0.01 ? epoch : best;
        Assert.Equal(2, losses.Count - 1 - best);
        Assert.Equal(losses[best], outcome.Evaluations[1].Metrics["loss"], 1e-9);
    }

    [Fact]
    public void A_stop_is_obeyed_at_the_next_step()
    {
        using var observer = new RecordingObserver { StopAfter = 6 };
        Assert.ThrowsAny<OperationCanceledException>(() =>
            _bench.Train(Examples.Corners(90, 24), Configurations.Everything, observer)
        );
        Assert.Equal(6, observer.Progress[^1].Step);
    }

    [Fact]
    public void A_training_that_diverges_names_the_step_and_says_what_to_do()
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            _bench.Train(
                Examples.Customers(200),
                """
                model: customers
                dataset: memory
                input_features: [{ name: age, type: number }]
                output_features: [{ name: spent, type: number }]
                trainer: { epochs: 60, batch_size: 50, optimizer: { type: sgd, learning_rate: 9, momentum: 0.9 } }
                """,
                _observer
            )
        );
        Assert.Matches("The loss of step \\d+ is .*learning_rate", error.Message);
        Assert.All(
            _observer.Points.SelectMany(p => p.Values.Values),
            v => Assert.True(double.IsFinite(v))
        );
    }

    [Fact]
    public void A_device_that_is_not_here_is_refused_naming_the_build_property()
    {
        var engine = new TorchTrainingEngine(Examples.Corners(20), TimeProvider.System);
        var job = _bench.Job(Examples.Corners(20, 8), Configurations.Everything);
        var error = Assert.Throws<InvalidInputException>(() =>
            engine.Train(job with { Device = "cuda:0" }, _observer)
        );
        Assert.Contains("-p:Accelerator=cuda", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidInputException>(() =>
            engine.Train(job with { Device = "gpu" }, _observer)
        );
        Assert.Contains("'gpu' is unknown", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dataset_past_the_memory_limit_is_refused_before_it_is_read()
    {
        var dataset = Examples.Corners(60, 20);
        var engine = new TorchTrainingEngine(
            dataset,
            TimeProvider.System,
            new TorchTrainingOptions { DatasetMemoryShare = 1e-9 }
        );
        var error = Assert.Throws<InvalidInputException>(() =>
            engine.Train(_bench.Job(dataset, Configurations.Everything), _observer)
        );
        Assert.Contains("80 rows take 11,840 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_weights_file_holds_every_parameter_under_its_name()
    {
        var outcome = _bench.Train(Examples.Corners(60, 20), Configurations.Everything, _observer);
        var weights = SafetensorsFile.Read(outcome.WeightsPath);
        Assert.Equal([4L, 1, 3, 3], weights.Get("inputs.image.encoder.0.weight").Shape);
        Assert.NotNull(weights.Find("inputs.image.encoder.1.running_var"));
        Assert.NotNull(weights.Find("heads.label.0.bias"));
        Assert.All(
            weights.Tensors,
            tensor => Assert.All(tensor.AsSingles().ToArray(), v => Assert.True(float.IsFinite(v)))
        );
    }

    [Fact]
    public void Progress_never_goes_back_and_seconds_go_on_from_earlier_attempts()
    {
        var dataset = Examples.Corners(60, 20);
        var job = _bench.Job(dataset, Configurations.Everything) with
        {
            TrainingSecondsBefore = 1000,
        };
        var outcome = new TorchTrainingEngine(dataset, TimeProvider.System).Train(job, _observer);
        Assert.True(outcome.TrainingSeconds > 1000);
        Assert.All(_observer.Points, p => Assert.True(p.ElapsedSeconds >= 1000));
        Assert.Equal(
            _observer.Progress.Select(p => p.Step).Order(),
            _observer.Progress.Select(p => p.Step)
        );
        Assert.All(
            _observer.Progress,
            (TrainingProgress p) => Assert.InRange(p.Epoch, 1, p.Epochs)
        );
    }
}
