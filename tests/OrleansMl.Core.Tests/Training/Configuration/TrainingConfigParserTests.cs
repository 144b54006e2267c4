using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Tests.Training.Configuration;

public sealed class TrainingConfigParserTests
{
    private const string Minimal = """
        model: line
        dataset: points
        input_features:
          - { name: x, type: number }
        output_features:
          - { name: y, type: number }
        """;

    private static IReadOnlyList<ConfigurationError> Errors(string yaml)
    {
        Assert.False(TrainingConfigParser.TryParse(yaml, out var config, out var errors));
        Assert.Null(config);
        return errors;
    }

    [Fact]
    public void What_is_left_out_gets_the_documented_defaults()
    {
        var config = TrainingConfigParser.Parse(Minimal);

        Assert.Equal("line", config.Name);
        Assert.Equal(new DatasetReference("points", null), config.Dataset);
        Assert.Equal(new TrainerConfig(), config.Trainer);
        Assert.Equal(2, config.KeepCheckpoints);
        Assert.Equal("cpu", config.Compute.Accelerator);
        Assert.Null(config.Promotion);
        Assert.Equal("x", config.Inputs[0].Column);
        Assert.Equal(ScalingKind.Standardize, config.Inputs[0].Preprocessing.Scaling);
        Assert.Equal(EncoderKind.Passthrough, config.Inputs[0].Encoder.Kind);
        Assert.Equal(LossKind.MeanSquared, config.Outputs[0].Loss.Kind);
        Assert.Empty(config.Combiner.Dense.Hidden);
    }

    [Fact]
    public void Every_key_reaches_its_record()
    {
        var config = TrainingConfigParser.Parse(
            """
            name: A full one
            model: m
            dataset: d@3
            input_features:
              - name: pic
                type: image
                column: Some Column
                preprocessing: { scaling: standardize }
                encoder: { type: cnn, channels: [4, 8], kernel_size: 5, stride: 2, batch_norm: true, pooling: none,
                  pool_size: 3, pool_every: 2, global_pooling: true, hidden: [9], activation: silu, dropout: 0.5, normalization: layer }
              - { name: kind, type: category, preprocessing: { max_values: 5, min_count: 2 }, encoder: { type: embedding, dimension: 7, dropout: 0.1 } }
              - { name: flag, type: binary, preprocessing: { missing: assume_true } }
              - { name: n, type: number, preprocessing: { scaling: min_max, missing: constant, fill: -3.5 }, encoder: { type: mlp, hidden: [] } }
              - { name: v, type: vector, preprocessing: { scaling: none } }
            output_features:
              - { name: label, type: category, weight: 0.5, loss: { type: cross_entropy, class_weights: { a: 2, b: 1 }, label_smoothing: 0.1 } }
              - { name: yes, type: binary, loss: { class_weights: balanced } }
              - { name: amount, type: number, preprocessing: { scaling: none }, loss: { type: huber, delta: 2 } }
            combiner: { type: concat, hidden: [3], activation: tanh, dropout: 0.2, normalization: batch }
            trainer:
              optimizer: { type: sgd, learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01 }
              schedule: { type: step, warmup_steps: 5, step_epochs: 2, gamma: 0.5 }
              epochs: 7
              max_steps: 99
              batch_size: 16
              evaluation_batch_size: 32
              gradient_clipping: { norm: 1.5, value: 0.5 }
              early_stopping: { metric: label_accuracy, patience: 2, min_delta: 0.01 }
              augmentation: { horizontal_flip: true, crop_padding: 4, brightness: 0.2, erase: 0.1 }
              seed: 1
              threads: 2
              log_every_steps: 3
            checkpoints: { every_steps: 10, keep: 5 }
            compute: { accelerator: cuda, labels: { zone: "1" }, max_attempts: 9 }
            promotion: { alias: challenger, when: [label_accuracy >= 0.5] }
            """
        );

        Assert.Equal("A full one", config.Name);
        Assert.Equal(new DatasetReference("d", 3), config.Dataset);
        var image = config.Inputs[0];
        Assert.Equal(("pic", "Some Column"), (image.Name, image.Column));
        Assert.Equal(ScalingKind.Standardize, image.Preprocessing.Scaling);
        var cnn = image.Encoder.Convolution!;
        Assert.Equal([4, 8], cnn.Channels);
        Assert.Equal(
            (5, 2, true, 3, 2),
            (cnn.KernelSize, cnn.Stride, cnn.BatchNorm, cnn.PoolSize, cnn.PoolEvery)
        );
        Assert.Equal((PoolingKind.None, true), (cnn.Pooling, cnn.GlobalPooling));
        Assert.Equal([9], image.Encoder.Dense.Hidden);
        Assert.Equal(ActivationKind.Silu, image.Encoder.Dense.Activation);
        Assert.Equal(0.5, image.Encoder.Dense.Dropout);
        Assert.Equal(NormalizationKind.Layer, image.Encoder.Dense.Normalization);
        Assert.Equal(
            (5, 2L),
            (config.Inputs[1].Preprocessing.MaxValues, config.Inputs[1].Preprocessing.MinCount)
        );
        Assert.Equal(7, config.Inputs[1].Encoder.Dimension);
        Assert.Equal(MissingValueKind.AssumeTrue, config.Inputs[2].Preprocessing.Missing);
        Assert.Equal(MissingValueKind.Constant, config.Inputs[3].Preprocessing.Missing);
        Assert.Equal(-3.5, config.Inputs[3].Preprocessing.Fill);
        Assert.Equal(ScalingKind.MinMax, config.Inputs[3].Preprocessing.Scaling);
        Assert.Equal(ScalingKind.None, config.Inputs[4].Preprocessing.Scaling);
        var label = config.Outputs[0];
        Assert.Equal(
            (0.5, 0.1, ClassWeighting.Given),
            (label.Weight, label.Loss.LabelSmoothing, label.Loss.Weighting)
        );
        Assert.Equal(2, label.Loss.ClassWeights["a"]);
        Assert.Equal(ClassWeighting.Balanced, config.Outputs[1].Loss.Weighting);
        Assert.Equal(
            (LossKind.Huber, 2.0, ScalingKind.None),
            (
                config.Outputs[2].Loss.Kind,
                config.Outputs[2].Loss.HuberDelta,
                config.Outputs[2].Scaling
            )
        );
        Assert.Equal([3], config.Combiner.Dense.Hidden);
        Assert.Equal(NormalizationKind.Batch, config.Combiner.Dense.Normalization);
        Assert.Equal(
            new TrainerConfig
            {
                Optimizer = new()
                {
                    Kind = OptimizerKind.Sgd,
                    LearningRate = 0.1,
                    Momentum = 0.9,
                    Nesterov = true,
                    WeightDecay = 0.01,
                },
                Schedule = new()
                {
                    Kind = ScheduleKind.Step,
                    WarmupSteps = 5,
                    StepEpochs = 2,
                    Gamma = 0.5,
                },
                Epochs = 7,
                MaxSteps = 99,
                BatchSize = 16,
                EvaluationBatchSize = 32,
                ClipNorm = 1.5,
                ClipValue = 0.5,
                EarlyStopping = new()
                {
                    Metric = "label_accuracy",
                    Patience = 2,
                    MinDelta = 0.01,
                },
                Augmentation = new()
                {
                    HorizontalFlip = true,
                    CropPadding = 4,
                    Brightness = 0.2,
                    Erase = 0.1,
                },
                Seed = 1,
                Threads = 2,
                LogEverySteps = 3,
                CheckpointEverySteps = 10,
                CheckpointEverySeconds = null,
            },
            config.Trainer
        );

        var spec = config.ToSpec(new DatasetVersionId("d", 3));
        Assert.Equal(
            ("m", "cuda", 9, 5),
            (spec.Model, spec.Accelerator, spec.MaxAttempts, spec.KeepCheckpoints)
        );
        Assert.Equal("challenger", spec.PromotionAlias);
        Assert.Equal(["label_accuracy >= 0.5"], spec.PromotionRules);
        Assert.Equal("1", spec.RequiredLabels["zone"]);
        Assert.Equal(config.Source, spec.Config);
    }

    [Fact]
    public void A_spec_of_another_dataset_version_is_refused()
    {
        var config = TrainingConfigParser.Parse(Minimal.Replace("points", "points@3"));

        var error = Assert.Throws<InvalidInputException>(() =>
            config.ToSpec(new DatasetVersionId("points", 4))
        );

        Assert.Equal("the configuration 'line' trains on points@3, got points@4.", error.Message);
    }

    [Fact]
    public void Everything_wrong_is_listed_at_once_with_line_column_and_the_nearest_key()
    {
        var errors = Errors(
            """
            model: line
            dataset: points
            input_features:
              - { name: x, type: number, encodr: { type: mlp } }
              - { name: img, type: image, encoder: { type: cnn, chanels: [8], hidden: [1000000000] } }
            output_features:
              - { name: y, type: numbr }
            trainer:
              optimizer: { type: adamm }
              batchsize: 12
              epochs: many
            """
        );

        Assert.Equal(
            [
                "line 4, column 30: input_features[0]: unknown key 'encodr'; did you mean 'encoder'?",
                "line 5, column 53: input_features[1].encoder: unknown key 'chanels'; did you mean 'channels'?",
                "line 5, column 76: input_features[1].encoder.hidden[0]: expected a whole number from 1 to 65,536, got '1000000000'.",
                "line 7, column 22: output_features[0].type: expected one of category, binary, number, got 'numbr'; did you mean 'number'?",
                "line 9, column 22: trainer.optimizer.type: expected one of sgd, adam, adamw, got 'adamm'; did you mean 'adam'?",
                "line 10, column 3: trainer: unknown key 'batchsize'; did you mean 'batch_size'?",
                "line 11, column 11: trainer.epochs: expected a whole number from 1 to 10,000, got 'many'.",
            ],
            errors.Select(e => e.ToString())
        );
    }

    [Fact]
    public void Parse_throws_one_readable_message_with_a_line_an_error()
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingConfigParser.Parse(Minimal.Replace("model: line", "modle: line"))
        );

        Assert.Equal(
            "the training configuration has 2 errors:\n"
                + "  line 1, column 1: unknown key 'modle'; did you mean 'model'?\n"
                + "  line 1, column 1: the key 'model' is missing: Model that the version is registered under. Expected 1 to 100 lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit.",
            error.Message
        );
    }

    [Theory]
    [InlineData(
        "trainer: { optimizer: { momentum: 0.9 } }",
        "'momentum' is a key of type 'sgd', not of this type"
    )]
    [InlineData(
        "trainer: { optimizer: { type: sgd, nesterov: true } }",
        "needs a momentum above 0"
    )]
    [InlineData(
        "trainer: { optimizer: { learning_rate: 11 } }",
        "expected a number above 0 and at most 10, got '11'"
    )]
    [InlineData(
        "trainer: { optimizer: { beta1: 1 } }",
        "expected a number from 0 to below 1, got '1'"
    )]
    [InlineData(
        "trainer: { optimizer: { weight_decay: .nan } }",
        "expected a number from 0 to 10, got '.nan'"
    )]
    [InlineData(
        "trainer: { optimizer: { weight_decay: .inf } }",
        "expected a number from 0 to 10, got '.inf'"
    )]
    [InlineData("trainer: { seed: 99999999999999999999 }", "expected a whole number from 0 to")]
    [InlineData("trainer: { epochs: 2.5 }", "expected a whole number from 1 to 10,000, got '2.5'")]
    [InlineData("trainer: { epochs: [3] }", "got a list of 1")]
    [InlineData("trainer: [epochs]", "expected a mapping, got a list of 1")]
    [InlineData(
        "trainer: { early_stopping: { metric: acuracy } }",
        "is no validation metric of these outputs; expected one of loss, mae, rmse, r2"
    )]
    [InlineData("trainer: { augmentation: { erase: 0.1 } }", "no input feature has the type image")]
    [InlineData(
        "trainer: { max_steps: 10, schedule: { warmup_steps: 10 } }",
        "expected fewer than max_steps (10)"
    )]
    [InlineData("compute: { accelerator: tpu }", "expected one of cpu, cuda, got 'tpu'")]
    [InlineData("compute: { labels: { zone: 1 } }", "put it in quotes")]
    [InlineData("promotion: { when: [] }", "expected a list of 1 to 20 values")]
    [InlineData("promotion: { when: [r2 >] }", "expected a metric or a number")]
    [InlineData(
        "promotion: { when: [validation.rsme < champion.f1] }",
        "'rsme' is no metric of these outputs; did you mean 'rmse'?"
    )]
    [InlineData("promotion: { alias: latest, when: [r2 > 0] }", "can't be an alias")]
    [InlineData("combiner: { type: linear, hidden: [3] }", "'hidden' is a key of type 'concat'")]
    [InlineData(
        "trainer: { epochs: 1, epochs: 2 }",
        "the key 'epochs' is there twice, first on line 7"
    )]
    [InlineData("trainer: !!map {}", "has no meaning here")]
    [InlineData("? [a]\n: 1", "a key must be a single word")]
    public void A_wrong_value_is_refused_with_what_was_expected(string line, string expected)
    {
        var errors = Errors(Minimal + "\n" + line);

        var error = Assert.Single(errors);
        Assert.Contains(expected, error.ToString());
        Assert.Equal(7, error.Line);
    }

    [Theory]
    [InlineData(
        "- { name: x, type: number }",
        "- { name: x, type: number }\n  - { name: x, type: number }",
        "the name 'x' is taken by input_features[0]"
    )]
    [InlineData(
        "- { name: y, type: number }",
        "- { name: x, type: number, column: z }",
        "the name 'x' is taken by input_features[0]"
    )]
    [InlineData(
        "- { name: y, type: number }",
        "- { name: y, type: number, column: x }",
        "given what it shall predict"
    )]
    [InlineData(
        "- { name: y, type: number }",
        "- { name: y, type: number }\n  - { name: z, column: y, type: number }",
        "is predicted by output_features[0] already"
    )]
    [InlineData(
        "- { name: x, type: number }",
        "- { name: y_probability, type: number }",
        "the name 'y_probability' is taken"
    )]
    [InlineData(
        "- { name: x, type: number }",
        "- { name: x, type: image, encoder: { kernel_size: 4 } }",
        "expected an odd number"
    )]
    [InlineData(
        "- { name: x, type: number }",
        "- { name: 'a b', type: number }",
        "expected a name of 1 to 64"
    )]
    [InlineData("- { name: x, type: number }", "- { type: number }", "the key 'name' is missing")]
    [InlineData(
        "- { name: x, type: number }",
        "- { name: x }",
        "the key 'type' is missing: expected one of number, category, binary, image, vector"
    )]
    public void Features_that_contradict_each_other_are_refused(
        string from,
        string to,
        string expected
    )
    {
        var yaml = Minimal.Replace(from, to);
        if (to.Contains("y_probability"))
            yaml = yaml.Replace("name: y, type: number", "name: y, type: binary");

        Assert.Contains(expected, Assert.Single(Errors(yaml)).Message);
    }

    [Theory]
    [InlineData("", "the document is empty")]
    [InlineData("# only a comment\n", "the document is empty")]
    [InlineData("just text", "expected a mapping")]
    [InlineData("a: [1, 2", "no well-formed YAML")]
    [InlineData("a: *b", "refers to no anchor")]
    [InlineData("a: &x [*x]", "refers to no anchor")]
    [InlineData("model: a\n---\nmodel: b", "a second document begins here")]
    public void What_is_no_single_document_is_refused(string yaml, string expected) =>
        Assert.Contains(expected, Errors(yaml)[0].Message);

    [Fact]
    public void Several_errors_past_the_limit_are_counted()
    {
        var yaml =
            Minimal + string.Concat(Enumerable.Range(0, 60).Select(i => $"\nkey{i:000}x: 1"));

        var errors = Errors(yaml);

        Assert.Equal(51, errors.Count);
        Assert.Equal("and 10 more errors that are not listed.", errors[^1].Message);
    }

    [Fact]
    public void An_anchor_and_its_alias_mean_the_same_value()
    {
        var config = TrainingConfigParser.Parse(
            """
            model: m
            dataset: d
            input_features:
              - { name: a, type: number, encoder: &dense { type: mlp, hidden: [3] } }
              - { name: b, type: number, encoder: *dense }
            output_features: [{ name: y, type: number }]
            """
        );

        Assert.Equal([3], config.Inputs[1].Encoder.Dense.Hidden);
    }
}
