using CsCheck;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Core.Tests.Serving.Watching.Quality;

public sealed class QualityTallyTests
{
    [Fact]
    public void Classes_with_probabilities_are_measured_as_by_hand()
    {
        var tally =
            QualityTally.Of(Class("a", ("a", 0.7), ("b", 0.2), ("c", 0.1)), "a", null)!
            + QualityTally.Of(Class("a", ("a", 0.6), ("b", 0.3), ("c", 0.1)), "b", null)!;

        Assert.Equal(0.5, Of(tally, WatchMeasure.Accuracy));
        Assert.Equal(-(Math.Log(0.7) + Math.Log(0.3)) / 2, Of(tally, WatchMeasure.LogLoss), 1e-12);
        // (0.09 + 0.04 + 0.01 + 0.36 + 0.49 + 0.01) / 2
        Assert.Equal(0.5, Of(tally, WatchMeasure.Brier), 1e-12);
        // |1 - 0.7| and |0 - 0.6|, one each.
        Assert.Equal(0.45, Of(tally, WatchMeasure.CalibrationError), 1e-12);
        Assert.Null(QualityMeasures.Of(tally, WatchMeasure.MeanAbsoluteError));
    }

    [Fact]
    public void Numbers_are_measured_as_by_hand()
    {
        var tally =
            QualityTally.Of(new PredictedValue { Number = 3 }, null, 1)!
            + QualityTally.Of(new PredictedValue { Number = 3 }, "7", null)!;

        Assert.Equal(3, Of(tally, WatchMeasure.MeanAbsoluteError));
        Assert.Equal(Math.Sqrt(10), Of(tally, WatchMeasure.RootMeanSquareError), 1e-12);
        Assert.Null(QualityMeasures.Of(tally, WatchMeasure.Accuracy));
    }

    [Fact]
    public void Wilsons_interval_of_8_of_10_is_that_of_the_books()
    {
        var right = QualityTally.Of(new PredictedValue { Label = "a" }, "a", null)!;
        var wrong = QualityTally.Of(new PredictedValue { Label = "a" }, "b", null)!;
        var tally = Enumerable.Repeat(right, 8).Concat([wrong, wrong]).Aggregate(QualityTally.Add);

        var accuracy = Assert.Single(QualityMeasures.Of(tally));

        Assert.Equal(0.4902, accuracy.Low!.Value, 1e-4);
        Assert.Equal(0.9433, accuracy.High!.Value, 1e-4);
    }

    [Theory]
    [InlineData("yes", null, true)]
    [InlineData(null, 3.0, false)]
    [InlineData("three", null, false)]
    public void A_class_and_a_number_are_not_compared(string? label, double? actual, bool isClass)
    {
        var number = new PredictedValue { Number = 3 };

        Assert.Equal(label is null, QualityTally.Of(number, label, actual) is not null);
        Assert.NotNull(QualityTally.Of(new PredictedValue { Label = "yes" }, label, actual));
        Assert.Equal(
            isClass,
            QualityTally.Of(new PredictedValue { Label = "yes" }, label, actual)!.Correct == 1
        );
        Assert.Null(QualityTally.Of(number, null, double.PositiveInfinity));
    }

    [Fact]
    public void A_class_that_was_held_impossible_does_not_make_the_loss_infinite()
    {
        var tally = QualityTally.Of(Class("a", ("a", 1)), "b", null)!;

        Assert.InRange(Of(tally, WatchMeasure.LogLoss), 34, 35);
        Assert.Equal(2, Of(tally, WatchMeasure.Brier));
    }

    [Fact]
    public void Intervals_hold_their_measures_and_sums_do_not_depend_on_the_parts() =>
        Gen.Select(Gen.Double[0.01, 0.99], Gen.Bool)
            .Array[1, 60]
            .Sample(rows =>
            {
                var tallies = rows.Select(row =>
                        QualityTally.Of(
                            Class("a", ("a", row.Item1), ("b", 1 - row.Item1)),
                            row.Item2 ? "a" : "b",
                            null
                        )!
                    )
                    .ToList();
                var whole = tallies.Aggregate(QualityTally.Empty, QualityTally.Add);
                var parts = tallies
                    .Chunk(7)
                    .Select(part => part.Aggregate(QualityTally.Empty, QualityTally.Add))
                    .Aggregate(QualityTally.Empty, QualityTally.Add);

                Assert.Equal(rows.Length, whole.Count);
                Assert.Equal(rows.Length, whole.Calibration.Sum(bin => bin.Count));
                foreach (
                    var (one, other) in QualityMeasures.Of(whole).Zip(QualityMeasures.Of(parts))
                )
                {
                    Assert.Equal(one.Value, other.Value, 1e-9);
                    if (one.Low is { } low)
                        Assert.InRange(one.Value, low - 1e-9, one.High!.Value + 1e-9);
                }
            });

    private static double Of(QualityTally tally, WatchMeasure measure) =>
        QualityMeasures.Of(tally, measure)!.Value;

    private static PredictedValue Class(string label, params (string Label, double P)[] shares) =>
        new()
        {
            Label = label,
            Confidence = shares.First(share => share.Label == label).P,
            Probabilities = shares.ToDictionary(share => share.Label, share => share.P),
            Squares = shares.Sum(share => share.P * share.P),
        };
}
