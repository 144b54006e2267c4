namespace OrleansMl.Core.Training.Configuration;

/// <summary>Every key of a training configuration: the one description that the parser, defaults, JSON Schema and reference are read off.</summary>
internal static class TrainingConfigKeys
{
    private const int MaxInputs = 1_000;
    private const int MaxOutputs = 16;
    private const int MaxClasses = 10_000;
    private const int MaxNameLength = 64;
    private const int MaxColumnLength = 200;
    private const int MaxRuleLength = 1_000;

    private static readonly TextRule FeatureName = new(
        $"a name of 1 to {MaxNameLength} letters, digits, '_' and '-', beginning with a letter or '_'",
        MaxNameLength,
        "^[A-Za-z_][A-Za-z0-9_-]*$"
    );

    private static readonly TextRule Resource = new(
        $"1 to {Contracts.ResourceName.MaxLength} lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit",
        Contracts.ResourceName.MaxLength,
        "^[a-z0-9][a-z0-9._-]*$"
    );

    // Metrics are named after outputs, and in a promotion rule '-' is a minus.
    private static readonly TextRule OutputName = new(
        $"a name of 1 to {MaxNameLength} letters, digits and '_', beginning with a letter or '_'",
        MaxNameLength,
        "^[A-Za-z_][A-Za-z0-9_]*$"
    );

    private static readonly KeyRule Column = new(
        "column",
        new TextRule($"a column's name of 1 to {MaxColumnLength} characters", MaxColumnLength),
        "The dataset's column."
    )
    {
        Unset = "the name",
    };

    private static readonly KeyRule[] FeatureCommon =
    [
        new(
            "name",
            FeatureName,
            "The feature's name: the served model's input, and the prefix of its parameters."
        )
        {
            Required = true,
        },
        Column,
    ];

    private static readonly VariantRule Inputs = new(
        "What the feature is.",
        null,
        FeatureCommon,
        (
            "number",
            [
                Mapping("preprocessing", PreprocessingKeys.Number, "How raw numbers are changed."),
                Mapping("encoder", EncoderKeys.Dense, "How it becomes features."),
            ]
        ),
        (
            "category",
            [
                Mapping("preprocessing", PreprocessingKeys.Category, "The vocabulary."),
                Mapping("encoder", EncoderKeys.Category, "How it becomes features."),
            ]
        ),
        (
            "binary",
            [
                Mapping(
                    "preprocessing",
                    PreprocessingKeys.Binary,
                    "How missing values are filled."
                ),
                Mapping("encoder", EncoderKeys.Dense, "How it becomes features."),
            ]
        ),
        (
            "image",
            [
                Mapping("preprocessing", PreprocessingKeys.Image, "How pixels are scaled."),
                Mapping("encoder", EncoderKeys.Image, "How it becomes features."),
            ]
        ),
        (
            "vector",
            [
                Mapping("preprocessing", PreprocessingKeys.Vector, "How elements are scaled."),
                Mapping("encoder", EncoderKeys.Dense, "How it becomes features."),
            ]
        )
    );

    private static readonly KeyRule[] OutputCommon =
    [
        new(
            "name",
            OutputName,
            "The feature's name: the served model's output, and the prefix of its parameters and metrics."
        )
        {
            Required = true,
        },
        Column,
        new(
            "weight",
            new NumberRule(0, 1_000_000, aboveMinimum: true),
            "Weight of its loss in the sum over all outputs."
        )
        {
            Default = 1.0,
        },
    ];

    private static readonly VariantRule Outputs = new(
        "What is predicted.",
        null,
        OutputCommon,
        ("category", [Mapping("loss", LossKeys.Category(MaxClasses), "What is minimized.")]),
        ("binary", [Mapping("loss", LossKeys.Binary, "What is minimized.")]),
        (
            "number",
            [
                Mapping("loss", LossKeys.Number, "What is minimized."),
                Mapping("preprocessing", PreprocessingKeys.Target, "How the target is scaled."),
            ]
        )
    );

    private static readonly VariantRule Combiner = new(
        "How the inputs' features come together.",
        "concat",
        [],
        (
            "concat",
            [
                .. EncoderKeys.Hidden(
                    [],
                    "One feature list after the other, then these dense layers' widths."
                ),
            ]
        ),
        ("linear", [])
    );

    private static readonly ObjectRule Checkpoints = new(
        new KeyRule("every_steps", new IntegerRule(1, 1_000_000_000), "Steps between checkpoints.")
        {
            Unset = "by time only",
        },
        new KeyRule(
            "every_seconds",
            new NumberRule(1, 86_400),
            "Seconds between checkpoints; whichever of the two comes first."
        )
        {
            Unset = "60, unless every_steps is given",
        },
        new KeyRule("keep", new IntegerRule(1, 100), "Newest checkpoints kept.") { Default = 2L }
    );

    private static readonly ObjectRule Compute = new(
        new KeyRule(
            "accelerator",
            new ChoiceRule("cpu", "cuda"),
            "What the compute slot must have."
        )
        {
            Default = "cpu",
        },
        new KeyRule(
            "labels",
            new MapRule("label names", new TextRule("a text of 1 to 200 characters", 200), 32),
            "Labels that the slot's silo must have, with these values."
        ),
        new KeyRule(
            "max_attempts",
            new IntegerRule(1, 100),
            "Attempts that may fail before the run does; those whose silo died or left don't count."
        )
        {
            Default = 3L,
        }
    );

    private static readonly ObjectRule Promotion = new(
        new KeyRule("alias", Resource, "The alias that the rules move to the new version.")
        {
            Default = "champion",
        },
        new KeyRule(
            "when",
            new ListRule(
                new TextRule(
                    $"a rule of 1 to {MaxRuleLength} characters such as 'accuracy >= 0.9 and accuracy >= champion.accuracy'",
                    MaxRuleLength
                ),
                1,
                20
            ),
            "Rules over the new version's metrics, all of which must hold."
        )
        {
            Required = true,
        }
    );

    /// <summary>The document.</summary>
    public static ObjectRule Document { get; } =
        new(
            new KeyRule(
                "name",
                new TextRule("a text of 1 to 200 characters", 200),
                "A name of the run for people."
            )
            {
                Unset = "the model's name",
            },
            new KeyRule("model", Resource, "Model that the version is registered under.")
            {
                Required = true,
            },
            new KeyRule(
                "dataset",
                new TextRule(
                    "a dataset's name, optionally with a version: fashion, fashion@3 or fashion@latest",
                    Contracts.ResourceName.MaxLength + 12,
                    "^[a-z0-9][a-z0-9._-]{0,99}(@([1-9][0-9]{0,8}|latest))?$"
                ),
                "What to train on; without a version, the latest when the run is submitted."
            )
            {
                Required = true,
            },
            new KeyRule(
                "input_features",
                new ListRule(Inputs, 1, MaxInputs),
                "What the model gets."
            )
            {
                Required = true,
            },
            new KeyRule(
                "output_features",
                new ListRule(Outputs, 1, MaxOutputs),
                "What the model predicts."
            )
            {
                Required = true,
            },
            Mapping("combiner", Combiner, "How the inputs' features come together."),
            Mapping("trainer", TrainerKeys.Trainer, "How to train."),
            Mapping("checkpoints", Checkpoints, "When progress is saved."),
            Mapping("compute", Compute, "Where to train."),
            new KeyRule(
                "promotion",
                Promotion,
                "When an alias moves to the version that the run registers; absent: no alias moves."
            )
        );

    private static KeyRule Mapping(string name, ValueRule rule, string doc) =>
        new(name, rule, doc) { Default = KeyRule.Empty };
}
