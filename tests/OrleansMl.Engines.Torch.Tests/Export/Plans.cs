using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Engines.Torch.Tests.Export;

/// <summary>A plan for every kind of layer, transform and head, small enough to run in milliseconds.</summary>
internal static class Plans
{
    private const int Classes = 5;

    public static IReadOnlyDictionary<string, ModelPlan> All { get; } =
        new Dictionary<string, ModelPlan>
        {
            ["linear regression"] = new([Number("a"), Number("b")], [], 2, [Regression(2)]),
            ["logistic regression"] = new([Number("a"), Flag("b")], [], 2, [Binary(2)]),
            ["softmax over a vector"] = new([Vector("v", 7)], [], 7, [Category(7)]),
            ["mlp with embeddings"] = Mixed(ActivationKind.Relu, new BatchNorm1dLayer(12)),
            ["mlp with layer norm and gelu"] = Mixed(ActivationKind.Gelu, new LayerNormLayer(12)),
            ["mlp with silu"] = Mixed(ActivationKind.Silu, new DropoutLayer(0.5)),
            ["mlp with tanh"] = Mixed(ActivationKind.Tanh, new DropoutLayer(0)),
            ["mlp with sigmoid"] = Mixed(ActivationKind.Sigmoid, new DropoutLayer(0.1)),
            ["cnn"] = Convolutional(normalized: false),
            ["cnn with batch norm"] = Convolutional(normalized: true),
            ["resnet"] = Residual(),
            ["several heads"] = new(
                [Vector("v", 4)],
                [new LinearLayer(4, 6), new ActivationLayer(ActivationKind.Relu)],
                6,
                [Category(6), Binary(6), Regression(6)]
            ),
        };

    private static ModelPlan Mixed(ActivationKind activation, Layer extra) =>
        new(
            [
                Number("age"),
                new(
                    "city",
                    "city",
                    new CategoryTransform(false, ["basel", "köln", "wien"]),
                    [new EmbeddingLayer(4, 3)],
                    3
                ),
                new(
                    "zone",
                    "zone",
                    new CategoryTransform(true, ["-7", "0", "12"]),
                    [new OneHotLayer(4)],
                    4
                ),
                Flag("member"),
                Vector("history", 3),
            ],
            [
                new LinearLayer(12, 12),
                extra,
                new ActivationLayer(activation),
                new LinearLayer(12, 8, false),
            ],
            8,
            [Category(8, integers: true)]
        );

    private static ModelPlan Convolutional(bool normalized)
    {
        Layer[] encoder =
        [
            new Conv2dLayer(1, 4, 3, 1, 1, !normalized),
            .. normalized ? new Layer[] { new BatchNorm2dLayer(4) } : [],
            new MaxPool2dLayer(2, 2),
            new ActivationLayer(ActivationKind.Relu),
            new Conv2dLayer(4, 6, 3, 2, 0),
            new ActivationLayer(ActivationKind.Relu),
            new FlattenLayer(),
            new LinearLayer(24, 10),
        ];
        return new([Image("image", 10, 1, encoder, 10)], [], 10, [Category(10)]);
    }

    private static ModelPlan Residual()
    {
        Layer[] Body(int from, int to, int stride) =>
            [
                new Conv2dLayer(from, to, 3, stride, 1, false),
                new BatchNorm2dLayer(to),
                new ActivationLayer(ActivationKind.Relu),
                new Conv2dLayer(to, to, 3, 1, 1, false),
                new BatchNorm2dLayer(to),
            ];
        Layer[] encoder =
        [
            new Conv2dLayer(3, 4, 3, 1, 1, false),
            new BatchNorm2dLayer(4),
            new ActivationLayer(ActivationKind.Relu),
            new ResidualLayer(Body(4, 4, 1), []),
            new ActivationLayer(ActivationKind.Relu),
            new ResidualLayer(
                Body(4, 8, 2),
                [new Conv2dLayer(4, 8, 1, 2, 0, false), new BatchNorm2dLayer(8)]
            ),
            new ActivationLayer(ActivationKind.Relu),
            new GlobalAveragePool2dLayer(),
        ];
        return new([Image("image", 8, 3, encoder, 8)], [new LinearLayer(8, 8)], 8, [Category(8)]);
    }

    private static InputPlan Image(
        string name,
        int side,
        int channels,
        Layer[] encoder,
        int width
    ) =>
        new(
            name,
            name,
            new ImageTransform(
                side,
                side,
                channels,
                [.. Enumerable.Repeat(0.3f, channels)],
                [.. Enumerable.Repeat(0.4f, channels)]
            ),
            encoder,
            width
        );

    private static InputPlan Number(string name) =>
        new(name, name, new NumberTransform(1.5f, 2, 3), [], 1);

    private static InputPlan Flag(string name) =>
        new(name, name, new BinaryTransform(false), [], 1);

    private static InputPlan Vector(string name, int length) =>
        new(
            name,
            name,
            new VectorTransform(
                length,
                [.. Enumerable.Range(0, length).Select(i => i * 0.5f)],
                [.. Enumerable.Repeat(2f, length)]
            ),
            [],
            length
        );

    private static HeadPlan Category(int width, bool integers = false) =>
        new()
        {
            Name = "label",
            Column = "label",
            Type = FeatureType.Category,
            Loss = LossKind.CrossEntropy,
            Layers = [new LinearLayer(width, Classes)],
            Classes =
            [
                .. Enumerable.Range(0, Classes).Select(i => integers ? $"{i * 10}" : $"class-{i}"),
            ],
            IntegerClasses = integers,
        };

    private static HeadPlan Binary(int width) =>
        new()
        {
            Name = "churned",
            Column = "churned",
            Type = FeatureType.Binary,
            Loss = LossKind.BinaryCrossEntropy,
            Layers = [new LinearLayer(width, 1)],
        };

    private static HeadPlan Regression(int width) =>
        new()
        {
            Name = "price",
            Column = "price",
            Type = FeatureType.Number,
            Loss = LossKind.MeanSquared,
            Layers = [new LinearLayer(width, 1)],
            TargetShift = 20,
            TargetScale = 4,
        };
}
