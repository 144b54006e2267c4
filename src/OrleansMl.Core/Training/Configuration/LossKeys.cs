namespace OrleansMl.Core.Training.Configuration;

/// <summary>The keys under <c>loss</c>, by type of output.</summary>
internal static class LossKeys
{
    private const string Doc = "Which loss.";

    private static readonly NumberRule ClassWeight = new(0, 1_000_000);

    public static VariantRule Category(int maxClasses) =>
        new(
            Doc,
            "cross_entropy",
            [],
            (
                "cross_entropy",
                [
                    new KeyRule(
                        "class_weights",
                        new ChoiceOrMapRule(
                            new ChoiceRule("none", "balanced"),
                            new MapRule("labels", ClassWeight, maxClasses)
                        ),
                        "A weight a class: all 1, rows / (classes × rows of the class), or your own (1 for labels left out)."
                    )
                    {
                        Default = "none",
                    },
                    new KeyRule(
                        "label_smoothing",
                        new NumberRule(0, 1, belowMaximum: true),
                        "Share of the target spread over all classes."
                    )
                    {
                        Default = 0.0,
                    },
                ]
            )
        );

    public static VariantRule Binary { get; } =
        new(
            Doc,
            "binary_cross_entropy",
            [],
            (
                "binary_cross_entropy",
                [
                    new KeyRule(
                        "class_weights",
                        new ChoiceOrMapRule(
                            new ChoiceRule("none", "balanced"),
                            new MapRule("'true' and 'false'", ClassWeight, 2)
                        ),
                        "Weights of false and true: both 1, rows / (2 × rows of the class), or your own (1 when left out)."
                    )
                    {
                        Default = "none",
                    },
                ]
            )
        );

    public static VariantRule Number { get; } =
        new(
            Doc,
            "mean_squared",
            [],
            ("mean_squared", []),
            ("mean_absolute", []),
            (
                "huber",
                [
                    new KeyRule(
                        "delta",
                        new NumberRule(0, 1_000_000, aboveMinimum: true),
                        "Where squared turns into absolute, in units of the scaled target."
                    )
                    {
                        Default = 1.0,
                    },
                ]
            )
        );
}
