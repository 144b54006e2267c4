using CsCheck;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Tests.Training.Configuration;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Tests.Training.Architectures;

/// <summary>Whatever is planned fits together, layer by layer. CsCheck prints the seed of a failure.</summary>
public sealed class TrainingPlannerPropertyTests
{
    public static TheoryData<string> Examples => RepositoryFiles.Examples();

    private static readonly Gen<string> Dense = Gen.Select(
        Gen.Int[1, 40].Array[0, 3],
        Gen.OneOf(Gen.Const("relu"), Gen.Const("gelu"), Gen.Const("sigmoid")),
        Gen.OneOf(Gen.Const("none"), Gen.Const("batch"), Gen.Const("layer")),
        Gen.OneOf(Gen.Const("0"), Gen.Const("0.25")),
        (hidden, activation, normalization, dropout) =>
            $"hidden: [{string.Join(", ", hidden)}], activation: {activation}, normalization: {normalization}, dropout: {dropout}"
    );

    private static readonly Gen<string> Cnn = Gen.Select(
        Gen.Int[1, 9].Array[1, 4],
        Gen.Int[0, 4].Select(k => (2 * k) + 1),
        Gen.Int[1, 3],
        Gen.Bool,
        Gen.OneOf(Gen.Const("max"), Gen.Const("none")),
        Gen.Int[2, 3],
        Gen.Int[1, 3],
        Dense,
        (channels, kernel, stride, flag, pooling, size, every, dense) =>
            $"type: cnn, channels: [{string.Join(", ", channels)}], kernel_size: {kernel}, stride: {stride}, batch_norm: {(flag ? "true" : "false")}, global_pooling: {(flag ? "false" : "true")}, pooling: {pooling}, pool_size: {size}, pool_every: {every}, {dense}"
    );

    private static readonly Gen<string> ResNet = Gen.Select(
        Gen.Int[1, 9].Array[1, 4],
        Gen.Int[1, 3],
        (channels, blocks) =>
            $"type: resnet, channels: [{string.Join(", ", channels)}], blocks: {blocks}"
    );

    private static readonly Gen<string> ImageEncoder = Gen.OneOf(
        Cnn,
        ResNet,
        Dense.Select(d => $"type: mlp, {d}"),
        Gen.Const("type: flatten")
    );

    [Fact]
    public void Layers_fit_each_other_for_any_image_encoder_and_combiner() =>
        Gen.Select(ImageEncoder, Dense, Gen.Int[1, 40], Gen.Int[1, 40], Gen.Bool)
            .Sample(
                (encoder, combiner, height, width, color) =>
                {
                    var config = TrainingConfigParser.Parse(
                        $$"""
                        model: m
                        dataset: d
                        input_features:
                          - { name: image, type: image, encoder: { {{encoder}} } }
                          - { name: kind, type: category }
                          - { name: size, type: number, encoder: { type: mlp, hidden: [3] } }
                        output_features:
                          - { name: label, type: category }
                          - { name: price, type: number }
                        combiner: { {{combiner}} }
                        """
                    );
                    var data = Manifests.Of(
                        "d",
                        Manifests.Image("image", height, width, color ? 3 : 1),
                        Manifests.Values("kind", ColumnKind.Text, ("a", 1), ("b", 1)),
                        Manifests.Number("size"),
                        Manifests.Values("label", ColumnKind.Text, ("x", 1), ("y", 1), ("z", 1)),
                        Manifests.Number("price")
                    );

                    if (TrainingPlanner.TryPlan(config, data, out var plan, out var errors))
                        ShapeWalk.Check(plan!.Model);
                    else
                        Assert.All(errors, e => Assert.Contains("can't be pooled", e.Message));
                },
                iter: 500
            );

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_plans_on_data_with_its_columns(string example)
    {
        var config = TrainingConfigParser.Parse(RepositoryFiles.Example(example));
        var columns = config
            .Inputs.Select(i => (i.Column, i.Type))
            .Concat(config.Outputs.Select(o => (o.Column, o.Type)))
            .Select(f =>
                f.Type switch
                {
                    FeatureType.Number => Manifests.Number(f.Column),
                    FeatureType.Image => Manifests.Image(f.Column),
                    FeatureType.Vector => Manifests.Vector(f.Column, 16),
                    FeatureType.Binary => Manifests.Values(
                        f.Column,
                        ColumnKind.Boolean,
                        ("false", 800),
                        ("true", 200)
                    ),
                    _ => Manifests.Values(
                        f.Column,
                        ColumnKind.Text,
                        ("a", 500),
                        ("b", 300),
                        ("c", 200)
                    ),
                }
            )
            .ToArray();

        var plan = TrainingPlanner.Plan(
            config,
            Manifests.Of(config.Dataset.Name, 54_000, 6_000, columns)
        );

        ShapeWalk.Check(plan.Model);
        Assert.True(ParameterCount.Of(plan.Model) > 0);
    }
}
