namespace OrleansMl.Core.Training.Configuration;

/// <summary>The keys under <c>preprocessing</c>, by type of feature.</summary>
internal static class PreprocessingKeys
{
    public static ObjectRule Number { get; } =
        new(
            new KeyRule(
                "scaling",
                new ChoiceRule("standardize", "min_max", "none"),
                "By the training rows: to mean 0 and deviation 1, to [0, 1], or not at all."
            )
            {
                Default = "standardize",
            },
            new KeyRule(
                "missing",
                new ChoiceRule("mean", "constant", "refuse"),
                "What stands in for a missing value: the training rows' mean, the key fill's number, or nothing: such data is refused."
            )
            {
                Default = "mean",
            },
            new KeyRule(
                "fill",
                new NumberRule(-1e15, 1e15),
                "With missing: constant, the raw number in place of a missing one."
            )
            {
                Default = 0.0,
            }
        );

    public static ObjectRule Category { get; } =
        new(
            new KeyRule(
                "max_values",
                new IntegerRule(1, 1_000_000),
                "Largest vocabulary: the most frequent values of the training rows; others count as unknown."
            )
            {
                Default = 10_000L,
            },
            new KeyRule(
                "min_count",
                new IntegerRule(1, 1_000_000_000),
                "Training rows that a value needs to get into the vocabulary."
            )
            {
                Default = 1L,
            }
        );

    public static ObjectRule Binary { get; } =
        new(
            new KeyRule(
                "missing",
                new ChoiceRule("most_frequent", "assume_false", "assume_true", "refuse"),
                "What stands in for a missing value."
            )
            {
                Default = "most_frequent",
            }
        );

    public static ObjectRule Image { get; } =
        new(
            new KeyRule(
                "scaling",
                new ChoiceRule("unit", "standardize"),
                "To [0, 1], or by the training pixels to mean 0 and deviation 1."
            )
            {
                Default = "unit",
            }
        );

    public static ObjectRule Vector { get; } =
        new(
            new KeyRule(
                "scaling",
                new ChoiceRule("standardize", "min_max", "none"),
                "By all elements of the training rows together: to mean 0 and deviation 1, to [0, 1], or not at all."
            )
            {
                Default = "standardize",
            }
        );

    public static ObjectRule Target { get; } =
        new(
            new KeyRule(
                "scaling",
                new ChoiceRule("standardize", "min_max", "none"),
                "What the network learns: the target by the training rows' mean and deviation, by their range, or as it is. Predictions come in the target's own unit."
            )
            {
                Default = "standardize",
            }
        );
}
