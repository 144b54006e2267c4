namespace OrleansMl.Core.Training.Configuration;

/// <summary>The keys under <c>encoder</c>, by type of feature.</summary>
internal static class EncoderKeys
{
    private const int MaxWidth = 65_536;
    private const int MaxLayers = 64;
    private const int MaxChannels = 4_096;
    private const string Doc = "Which encoder.";

    private static readonly KeyRule Activation = new(
        "activation",
        new ChoiceRule("relu", "gelu", "silu", "tanh", "sigmoid"),
        "After each layer."
    )
    {
        Default = "relu",
    };

    private static readonly KeyRule Dropout = new(
        "dropout",
        new NumberRule(0, 1, belowMaximum: true),
        "Share of features zeroed while training."
    )
    {
        Default = 0.0,
    };

    private static readonly KeyRule Normalization = new(
        "normalization",
        new ChoiceRule("none", "batch", "layer"),
        "Between each dense layer and its activation."
    )
    {
        Default = "none",
    };

    public static VariantRule Dense { get; } =
        new(
            Doc,
            "passthrough",
            [],
            ("passthrough", []),
            ("mlp", [.. Hidden([64], "Widths of the dense layers.")])
        );

    public static VariantRule Category { get; } =
        new(
            Doc,
            "embedding",
            [],
            (
                "embedding",
                [
                    new KeyRule(
                        "dimension",
                        new IntegerRule(1, MaxChannels),
                        "Width of a value's learned vector."
                    )
                    {
                        Unset = "1.6 · n^0.56 for n values, from 2 to 64",
                    },
                    Dropout,
                ]
            ),
            ("one_hot", [])
        );

    public static VariantRule Image { get; } =
        new(
            Doc,
            "cnn",
            [],
            (
                "cnn",
                [
                    Channels([32, 64], "Channels of each convolution."),
                    new KeyRule(
                        "kernel_size",
                        new IntegerRule(1, 15),
                        "Side of the convolutions' kernels, odd; the image keeps its size."
                    )
                    {
                        Default = 3L,
                    },
                    new KeyRule(
                        "stride",
                        new IntegerRule(1, 8),
                        "Step of the first convolution; the others have 1."
                    )
                    {
                        Default = 1L,
                    },
                    new KeyRule(
                        "batch_norm",
                        new FlagRule(),
                        "Batch normalization after each convolution."
                    )
                    {
                        Default = false,
                    },
                    new KeyRule(
                        "pooling",
                        new ChoiceRule("max", "none"),
                        "Pooling after convolutions. It stands before an activation that never falls, where the result is the same and less is computed."
                    )
                    {
                        Default = "max",
                    },
                    new KeyRule("pool_size", new IntegerRule(2, 8), "Side and step of the pooling.")
                    {
                        Default = 2L,
                    },
                    new KeyRule(
                        "pool_every",
                        new IntegerRule(1, MaxLayers),
                        "Convolutions between poolings."
                    )
                    {
                        Default = 1L,
                    },
                    new KeyRule(
                        "global_pooling",
                        new FlagRule(),
                        "End in each channel's mean in place of all pixels."
                    )
                    {
                        Default = false,
                    },
                    .. Hidden([128], "Widths of the dense layers at the end."),
                ]
            ),
            (
                "resnet",
                [
                    Channels(
                        [16, 32, 64],
                        "Channels of each stage; every stage but the first halves the image."
                    ),
                    new KeyRule(
                        "blocks",
                        new IntegerRule(1, 50),
                        "Residual blocks of two convolutions in each stage."
                    )
                    {
                        Default = 2L,
                    },
                    Activation,
                    Dropout,
                ]
            ),
            ("mlp", [.. Hidden([128], "Widths of the dense layers over all pixels.")]),
            ("flatten", [])
        );

    public static KeyRule[] Hidden(long[] defaults, string doc) =>
        [
            new KeyRule("hidden", new ListRule(new IntegerRule(1, MaxWidth), 0, MaxLayers), doc)
            {
                Default = defaults.Cast<object>().ToList(),
            },
            Activation,
            Dropout,
            Normalization,
        ];

    private static KeyRule Channels(long[] defaults, string doc) =>
        new("channels", new ListRule(new IntegerRule(1, MaxChannels), 1, MaxLayers), doc)
        {
            Default = defaults.Cast<object>().ToList(),
        };
}
