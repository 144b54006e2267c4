using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Tests.Training.Architectures;

public sealed class TrainingPlannerTests
{
    private const string Fashion = """
        model: fashion
        dataset: fashion
        input_features:
          - name: image
            type: image
            encoder: { type: cnn, channels: [16, 32], hidden: [128], dropout: 0.25 }
        output_features:
          - { name: label, type: category }
        trainer: { epochs: 3, batch_size: 128 }
        """;

    private const string Table = """
        model: table
        dataset: table
        input_features:
          - { name: age, type: number }
          - { name: city, type: category }
          - { name: member, type: binary }
          - { name: taste, type: vector }
        output_features:
          - { name: bought, type: binary, loss: { class_weights: balanced } }
          - { name: spent, type: number, weight: 2 }
        combiner: { type: concat, hidden: [32], normalization: batch, dropout: 0.1 }
        """;

    private static DatasetManifest TableData() =>
        Manifests.Of(
            "table",
            Manifests.Number("age", mean: 40, deviation: 10, missing: 5),
            Manifests.Values("city", ColumnKind.Text, ("Bern", 600), ("Oslo", 300), ("Rom", 100)),
            Manifests.Values("member", ColumnKind.Boolean, ("true", 700), ("false", 300)),
            Manifests.Vector("taste", 4),
            Manifests.Values("bought", ColumnKind.Boolean, ("false", 900), ("true", 100)),
            Manifests.Number("spent", mean: 7, deviation: 2)
        );

    [Fact]
    public void A_cnn_is_resolved_layer_by_layer()
    {
        var plan = TrainingPlanner.Plan(Fashion, Manifests.Fashion());

        var input = Assert.Single(plan.Model.Inputs);
        Assert.Equal(
            [
                new Conv2dLayer(1, 16, 3, 1, 1),
                new MaxPool2dLayer(2, 2),
                new ActivationLayer(ActivationKind.Relu),
                new Conv2dLayer(16, 32, 3, 1, 1),
                new MaxPool2dLayer(2, 2),
                new ActivationLayer(ActivationKind.Relu),
                new FlattenLayer(),
                new LinearLayer(32 * 7 * 7, 128),
                new ActivationLayer(ActivationKind.Relu),
                new DropoutLayer(0.25),
            ],
            input.Encoder
        );
        Assert.Equal(128, input.Width);
        Assert.Empty(plan.Model.Combiner);
        Assert.Equal(128, plan.Model.CombinerWidth);
        var head = Assert.Single(plan.Model.Heads);
        Assert.Equal([new LinearLayer(128, 10)], head.Layers);
        Assert.Equal("0123456789", string.Concat(head.Classes));
        Assert.True(head.IntegerClasses);
        Assert.Equal(LossKind.CrossEntropy, head.Loss);
        var image = Assert.IsType<ImageTransform>(input.Transform);
        Assert.Equal([0f], image.Mean);
        Assert.Equal([1f], image.Deviation);
    }

    [Fact]
    public void Parameters_are_counted_exactly()
    {
        var plan = TrainingPlanner.Plan(Fashion, Manifests.Fashion());

        var expected =
            ((9 * 16) + 16) + ((9 * 16 * 32) + 32) + ((32 * 49 * 128) + 128) + ((128 * 10) + 10);
        Assert.Equal(expected, ParameterCount.Of(plan.Model));
    }

    [Fact]
    public void An_activation_that_falls_stands_before_the_pooling()
    {
        var yaml = Fashion.Replace("hidden: [128]", "activation: gelu, hidden: [128]");

        var layers = TrainingPlanner.Plan(yaml, Manifests.Fashion()).Model.Inputs[0].Encoder;

        Assert.Equal(new ActivationLayer(ActivationKind.Gelu), layers[1]);
        Assert.Equal(new MaxPool2dLayer(2, 2), layers[2]);
    }

    [Fact]
    public void A_resnet_halves_the_image_at_every_stage_but_the_first()
    {
        var yaml = Fashion.Replace(
            "{ type: cnn, channels: [16, 32], hidden: [128], dropout: 0.25 }",
            "{ type: resnet, channels: [8, 16], blocks: 2 }"
        );

        var input = TrainingPlanner.Plan(yaml, Manifests.Fashion()).Model.Inputs[0];

        var blocks = input.Encoder.OfType<ResidualLayer>().ToList();
        Assert.Equal(4, blocks.Count);
        Assert.Empty(blocks[0].Shortcut);
        Assert.Equal(new Conv2dLayer(8, 16, 3, 2, 1, Bias: false), blocks[2].Body[0]);
        Assert.Equal(new Conv2dLayer(8, 16, 1, 2, 0, Bias: false), blocks[2].Shortcut[0]);
        Assert.Empty(blocks[3].Shortcut);
        Assert.IsType<GlobalAveragePool2dLayer>(input.Encoder[^1]);
        Assert.Equal(16, input.Width);
    }

    [Fact]
    public void A_table_takes_scales_vocabularies_and_weights_from_the_training_rows()
    {
        var plan = TrainingPlanner.Plan(Table, TableData());

        Assert.Equal(
            new NumberTransform(40, 40, 10, AllowsMissing: true),
            plan.Model.Inputs[0].Transform
        );
        var city = Assert.IsType<CategoryTransform>(plan.Model.Inputs[1].Transform);
        Assert.Equal(["Bern", "Oslo", "Rom"], city.Values);
        Assert.Equal([new EmbeddingLayer(4, 3)], plan.Model.Inputs[1].Encoder);
        Assert.Equal(new BinaryTransform(true), plan.Model.Inputs[2].Transform);
        var taste = Assert.IsType<VectorTransform>(plan.Model.Inputs[3].Transform);
        Assert.Equal([2f, 2, 2, 2], taste.Shift);
        Assert.Equal([4f, 4, 4, 4], taste.Scale);
        Assert.Equal(
            [
                new LinearLayer(1 + 3 + 1 + 4, 32, Bias: false),
                new BatchNorm1dLayer(32),
                new ActivationLayer(ActivationKind.Relu),
                new DropoutLayer(0.1),
            ],
            plan.Model.Combiner
        );
        Assert.Equal([1000f / 1800, 5], plan.Model.Heads[0].ClassWeights);
        Assert.Equal(7, plan.Model.Heads[1].TargetShift);
        Assert.Equal(2, plan.Model.Heads[1].TargetScale);
        Assert.Equal(2, plan.Model.Heads[1].Weight);
    }

    [Theory]
    [InlineData("", 0, false)]
    [InlineData("", 1, true)]
    [InlineData("missing: mean", 0, false)]
    [InlineData("missing: refuse", 0, false)]
    [InlineData("missing: constant, fill: 5", 0, true)]
    public void A_number_may_be_left_out_when_rows_lack_it_or_a_fill_is_given(
        string preprocessing,
        long missing,
        bool allows
    )
    {
        var plan = TrainingPlanner.Plan(
            $$"""
            model: m
            dataset: d
            input_features: [{ name: x, type: number, preprocessing: { {{preprocessing}} } }]
            output_features: [{ name: y, type: number }]
            """,
            Manifests.Of("d", Manifests.Number("x", missing: missing), Manifests.Number("y"))
        );

        Assert.Equal(allows, PlanSignature.Of(plan.Model).Inputs[0].AllowsMissing);
    }

    [Fact]
    public void A_category_may_be_left_out_when_rows_lack_it_and_a_binary_never()
    {
        static bool[] Allows(long missing)
        {
            var (city, cities) = Manifests.Values("city", ColumnKind.Text, ("Bern", 9), ("Rom", 1));
            var (flag, flags) = Manifests.Values(
                "flag",
                ColumnKind.Boolean,
                ("true", 8),
                ("false", 2)
            );
            var plan = TrainingPlanner.Plan(
                """
                model: m
                dataset: d
                input_features: [{ name: city, type: category }, { name: flag, type: binary }]
                output_features: [{ name: y, type: number }]
                """,
                Manifests.Of(
                    "d",
                    (city, cities with { Missing = missing }),
                    (flag, flags with { Missing = missing }),
                    Manifests.Number("y")
                )
            );
            return [.. PlanSignature.Of(plan.Model).Inputs.Select(i => i.AllowsMissing)];
        }

        Assert.Equal([true, false], Allows(3));
        Assert.Equal([false, false], Allows(0));
    }

    [Fact]
    public void The_same_yaml_runs_on_two_datasets()
    {
        var small = Manifests.Of(
            "fashion",
            500,
            50,
            Manifests.Image("image", 32, 20, 3),
            Manifests.Values("label", ColumnKind.Text, ("dog", 300), ("cat", 200))
        );

        var first = TrainingPlanner.Plan(Fashion, Manifests.Fashion());
        var second = TrainingPlanner.Plan(Fashion, small);

        Assert.Equal(10, first.Model.Heads[0].Classes.Count);
        Assert.Equal(["cat", "dog"], second.Model.Heads[0].Classes);
        Assert.False(second.Model.Heads[0].IntegerClasses);
        Assert.Equal(new Conv2dLayer(3, 16, 3, 1, 1), second.Model.Inputs[0].Encoder[0]);
        Assert.Contains(new LinearLayer(32 * 8 * 5, 128), second.Model.Inputs[0].Encoder);
    }

    [Fact]
    public void A_linear_model_has_no_layer_but_its_head()
    {
        var plan = TrainingPlanner.Plan(
            """
            model: line
            dataset: line
            input_features:
              - { name: x, type: number }
              - { name: kind, type: category, encoder: { type: one_hot } }
            output_features: [{ name: y, type: number }]
            combiner: { type: linear }
            """,
            Manifests.Of(
                "line",
                Manifests.Number("x"),
                Manifests.Values("kind", ColumnKind.Integer, ("7", 990), ("-3", 10)),
                Manifests.Number("y")
            )
        );

        Assert.Empty(plan.Model.Inputs[0].Encoder);
        Assert.Equal([new OneHotLayer(3)], plan.Model.Inputs[1].Encoder);
        Assert.True(((CategoryTransform)plan.Model.Inputs[1].Transform).FromInteger);
        Assert.Empty(plan.Model.Combiner);
        Assert.Equal(5, ParameterCount.Of(plan.Model));
    }

    [Fact]
    public void A_column_that_never_varies_gets_the_scale_1()
    {
        var data = Manifests.Of(
            "table",
            Manifests.Number("x", mean: 3, deviation: 0, minimum: 3, maximum: 3),
            Manifests.Number("y", mean: 9, deviation: 0, minimum: 9, maximum: 9)
        );

        var plan = TrainingPlanner.Plan(
            """
            model: m
            dataset: table
            input_features: [{ name: x, type: number, preprocessing: { scaling: min_max } }]
            output_features: [{ name: y, type: number }]
            """,
            data
        );

        Assert.Equal(new NumberTransform(3, 3, 1), plan.Model.Inputs[0].Transform);
        Assert.Equal(9, plan.Model.Heads[0].TargetShift);
        Assert.Equal(1, plan.Model.Heads[0].TargetScale);
    }

    [Fact]
    public void A_vocabulary_keeps_the_most_frequent_values_and_counts_the_rest_as_unknown()
    {
        var yaml = Table.Replace(
            "name: city, type: category",
            "name: city, type: category, preprocessing: { max_values: 2 }"
        );

        var city = TrainingPlanner.Plan(yaml, TableData()).Model.Inputs[1];

        Assert.Equal(["Bern", "Oslo"], ((CategoryTransform)city.Transform).Values);
        Assert.Equal(3, Assert.IsType<EmbeddingLayer>(city.Encoder[0]).Count);
    }

    [Fact]
    public void Every_misfit_is_listed_with_its_place()
    {
        var yaml = Table
            .Replace("{ name: age, type: number }", "{ name: age, type: number, column: agee }")
            .Replace("{ name: city, type: category }", "{ name: city, type: number }")
            .Replace("{ name: taste, type: vector }", "{ name: taste, type: image }");

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingPlanner.Plan(yaml, TableData())
        );

        Assert.Contains("has 3 errors", error.Message);
        Assert.Contains(
            "line 4, column 32: input_features[0].column: table@1 has no column 'agee'; did you mean 'age'?",
            error.Message
        );
        Assert.Contains("type number needs a column of numbers", error.Message);
        Assert.Contains("'taste' holds vectors; use type: vector", error.Message);
    }

    [Theory]
    [InlineData("channels: [16, 32]", "channels: [8, 8, 8, 8, 8, 8]", "can't be pooled by 2")]
    [InlineData(
        "channels: [16, 32], hidden: [128]",
        "channels: [4096], pooling: none, hidden: [65536]",
        "parameters, at most 450,000,000"
    )]
    [InlineData(
        "batch_size: 128",
        "batch_size: 128, schedule: { warmup_steps: 1266 }",
        "1,266 steps that 54,000 training rows give"
    )]
    [InlineData(
        "batch_size: 128",
        "batch_size: 128, augmentation: { crop_padding: 28 }",
        "fewer than the 28 pixels"
    )]
    [InlineData(
        "channels: [16, 32]",
        "batch_norm: true, channels: [4]",
        "batch normalization needs 2"
    )]
    public void What_the_data_rules_out_is_refused(string from, string to, string expected)
    {
        var yaml = Fashion.Replace(from, to);
        if (to.StartsWith("batch_norm", StringComparison.Ordinal))
            yaml = yaml.Replace("batch_size: 128", "batch_size: 1");

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingPlanner.Plan(yaml, Manifests.Fashion())
        );

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Early_stopping_without_validation_rows_is_refused()
    {
        var data = Manifests.Of("line", 100, 0, Manifests.Number("x"), Manifests.Number("y"));
        const string Yaml = """
            model: line
            dataset: line
            input_features: [{ name: x, type: number }]
            output_features: [{ name: y, type: number }]
            trainer: { early_stopping: { metric: rmse } }
            """;

        var error = Assert.Throws<InvalidInputException>(() => TrainingPlanner.Plan(Yaml, data));

        Assert.Contains("line 5, column 12: trainer.early_stopping", error.Message);
        Assert.Contains("no validation rows", error.Message);
    }

    [Fact]
    public void A_dataset_without_training_rows_is_refused()
    {
        var data = Manifests.Of("line", 0, 10, Manifests.Number("x"), Manifests.Number("y"));

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingPlanner.Plan(
                """
                model: line
                dataset: line
                input_features: [{ name: x, type: number }]
                output_features: [{ name: y, type: number }]
                """,
                data
            )
        );

        Assert.Contains("line@1 has no training rows", error.Message);
    }

    [Fact]
    public void Outputs_that_can_not_be_learned_are_refused()
    {
        const string Yaml = """
            model: m
            dataset: data
            input_features: [{ name: x, type: number }]
            output_features:
              - { name: one, type: category }
              - { name: many, type: category }
              - { name: hole, type: number }
              - { name: always, type: binary }
              - { name: three, type: binary }
            """;
        var (many, statistics) = Manifests.Values("many", ColumnKind.Text, ("a", 1), ("b", 1));

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingPlanner.Plan(
                Yaml,
                Manifests.Of(
                    "data",
                    Manifests.Number("x"),
                    Manifests.Values("one", ColumnKind.Text, ("a", 1000)),
                    (many, statistics with { ValuesTruncated = true }),
                    Manifests.Number("hole", missing: 3),
                    Manifests.Values("always", ColumnKind.Boolean, ("true", 1000)),
                    Manifests.Values("three", ColumnKind.Integer, ("0", 1), ("1", 1), ("2", 1))
                )
            )
        );

        Assert.Contains("'one' has the single value 'a'", error.Message);
        Assert.Contains("'many' has more distinct values", error.Message);
        Assert.Contains("'hole' lacks a value in 3 rows", error.Message);
        Assert.Contains("'always' is true in all training rows", error.Message);
        Assert.Contains("'three' has the value 2", error.Message);
        Assert.Contains("has 5 errors", error.Message);
    }

    [Fact]
    public void Given_class_weights_must_name_labels()
    {
        var yaml = Fashion.Replace(
            "{ name: label, type: category }",
            "{ name: label, type: category, loss: { class_weights: { 3: 2.5, 11: 1 } } }"
        );

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingPlanner.Plan(yaml, Manifests.Fashion())
        );
        var plan = TrainingPlanner.Plan(yaml.Replace(", 11: 1", ""), Manifests.Fashion());

        Assert.Contains("no row has the label '11'", error.Message);
        Assert.Equal(2.5f, plan.Model.Heads[0].ClassWeights[3]);
        Assert.Equal(1f, plan.Model.Heads[0].ClassWeights[0]);
    }

    [Theory]
    [InlineData(54_000, 128, 422)]
    [InlineData(256, 128, 2)]
    [InlineData(257, 128, 2)]
    [InlineData(258, 128, 3)]
    [InlineData(1, 128, 0)]
    [InlineData(1, 1, 1)]
    public void Steps_count_a_last_smaller_batch_unless_it_has_a_single_row(
        long rows,
        int batch,
        long expected
    ) => Assert.Equal(expected, TrainingSteps.PerEpoch(rows, batch));

    [Fact]
    public void Steps_stop_at_the_configured_most()
    {
        var trainer = new TrainerConfig { Epochs = 3, BatchSize = 100 };

        Assert.Equal(30, TrainingSteps.Total(trainer, 1000));
        Assert.Equal(7, TrainingSteps.Total(trainer with { MaxSteps = 7 }, 1000));
    }
}
