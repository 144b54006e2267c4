namespace OrleansMl.Core.Training.Configuration;

/// <summary>The keys under <c>trainer</c>.</summary>
internal static class TrainerKeys
{
    private static readonly KeyRule[] OptimizerCommon =
    [
        new KeyRule(
            "learning_rate",
            new NumberRule(0, 10, aboveMinimum: true),
            "Peak learning rate."
        )
        {
            Default = 0.001,
        },
        new KeyRule("weight_decay", new NumberRule(0, 10), "Weight decay.") { Default = 0.0 },
    ];

    private static readonly KeyRule[] Adam =
    [
        new KeyRule(
            "beta1",
            new NumberRule(0, 1, belowMaximum: true),
            "Decay of the gradients' running mean."
        )
        {
            Default = 0.9,
        },
        new KeyRule(
            "beta2",
            new NumberRule(0, 1, belowMaximum: true),
            "Decay of the squared gradients' running mean."
        )
        {
            Default = 0.999,
        },
        new KeyRule(
            "epsilon",
            new NumberRule(0, 1, aboveMinimum: true),
            "Added to the denominator."
        )
        {
            Default = 1e-8,
        },
    ];

    private static readonly VariantRule Optimizer = new(
        "Which optimizer.",
        "adam",
        OptimizerCommon,
        (
            "sgd",
            [
                new KeyRule("momentum", new NumberRule(0, 1, belowMaximum: true), "Momentum.")
                {
                    Default = 0.0,
                },
                new KeyRule("nesterov", new FlagRule(), "Nesterov's momentum; needs momentum.")
                {
                    Default = false,
                },
            ]
        ),
        ("adam", Adam),
        ("adamw", Adam)
    );

    private static readonly KeyRule FinalFraction = new(
        "final_fraction",
        new NumberRule(0, 1),
        "Share of the peak rate at the last step."
    )
    {
        Default = 0.0,
    };

    private static readonly KeyRule Gamma = new(
        "gamma",
        new NumberRule(0, 1, aboveMinimum: true),
        "Factor of each fall."
    )
    {
        Default = 0.1,
    };

    private static readonly VariantRule Schedule = new(
        "How the learning rate goes after the warm-up.",
        "constant",
        [
            new KeyRule(
                "warmup_steps",
                new IntegerRule(0, 1_000_000_000),
                "Steps of a linear rise from 0 to the peak."
            )
            {
                Default = 0L,
            },
        ],
        ("constant", []),
        ("linear", [FinalFraction]),
        ("cosine", [FinalFraction]),
        (
            "step",
            [
                new KeyRule("step_epochs", new IntegerRule(1, 10_000), "Epochs between falls.")
                {
                    Default = 1L,
                },
                Gamma,
            ]
        ),
        ("exponential", [Gamma])
    );

    private static readonly ObjectRule Clipping = new(
        new KeyRule(
            "norm",
            new NumberRule(0, 1e9, aboveMinimum: true),
            "Largest norm of all gradients together."
        ),
        new KeyRule(
            "value",
            new NumberRule(0, 1e9, aboveMinimum: true),
            "Largest absolute value of a gradient's element."
        )
    );

    private static readonly ObjectRule EarlyStopping = new(
        new KeyRule(
            "metric",
            new TextRule(
                "a validation metric such as loss, accuracy or rmse; with several outputs label_accuracy",
                100,
                "^[A-Za-z0-9_-]+$"
            ),
            "The validation metric that must get better."
        )
        {
            Default = "loss",
        },
        new KeyRule("patience", new IntegerRule(1, 10_000), "Epochs without improvement.")
        {
            Default = 5L,
        },
        new KeyRule("min_delta", new NumberRule(0, 1e9), "Smallest change that is an improvement.")
        {
            Default = 0.0,
        }
    );

    private static readonly ObjectRule Augmentation = new(
        new KeyRule("horizontal_flip", new FlagRule(), "Mirror half of the training images.")
        {
            Default = false,
        },
        new KeyRule(
            "crop_padding",
            new IntegerRule(0, 64),
            "Pad by so many pixels and crop back at a random place."
        )
        {
            Default = 0L,
        },
        new KeyRule("brightness", new NumberRule(0, 1), "Largest relative change of brightness.")
        {
            Default = 0.0,
        },
        new KeyRule(
            "erase",
            new NumberRule(0, 1),
            "Share of images with a random rectangle blanked."
        )
        {
            Default = 0.0,
        }
    );

    public static ObjectRule Trainer { get; } =
        new(
            new KeyRule("optimizer", Optimizer, "The optimizer.") { Default = KeyRule.Empty },
            new KeyRule("schedule", Schedule, "The learning rate's course.")
            {
                Default = KeyRule.Empty,
            },
            new KeyRule("epochs", new IntegerRule(1, 10_000), "Passes over the training rows.")
            {
                Default = 10L,
            },
            new KeyRule(
                "max_steps",
                new IntegerRule(1, 1_000_000_000),
                "Ends earlier, after so many steps."
            )
            {
                Unset = "no limit but the epochs",
            },
            new KeyRule("batch_size", new IntegerRule(1, 65_536), "Examples a step.")
            {
                Default = 128L,
            },
            new KeyRule(
                "evaluation_batch_size",
                new IntegerRule(1, 65_536),
                "Examples of a batch while evaluating."
            )
            {
                Default = 1024L,
            },
            new KeyRule("gradient_clipping", Clipping, "Limits on gradients; absent: none."),
            new KeyRule(
                "early_stopping",
                EarlyStopping,
                "Stops when a validation metric got no better, and keeps the best weights; absent: never."
            ),
            new KeyRule(
                "augmentation",
                Augmentation,
                "Random changes of training images; absent: none."
            ),
            new KeyRule(
                "seed",
                new IntegerRule(0, int.MaxValue),
                "Seed of initialization, order, dropout and augmentation."
            )
            {
                Default = 42L,
            },
            new KeyRule(
                "threads",
                new IntegerRule(1, 64),
                "Threads for tensor operations; part of what makes a run repeatable."
            )
            {
                Default = 1L,
            },
            new KeyRule(
                "log_every_steps",
                new IntegerRule(1, 1_000_000),
                "Steps between step metrics."
            )
            {
                Default = 20L,
            }
        );
}
