using CsCheck;
using OrleansMl.Core.Training.Metrics;

namespace OrleansMl.Core.Tests.Training.Metrics;

/// <summary>The accumulators against the definitions, written down naively. CsCheck prints the seed of a failure.</summary>
public sealed class MetricPropertyTests
{
    private const double Tolerance = 1e-9;

    private static readonly Gen<(float Score, bool Positive)[]> Rows = Gen.Select(
        Gen.Int[0, 8].Select(i => i / 8f),
        Gen.Bool
    ).Array[0, 40];

    [Fact]
    public void Roc_auc_is_the_share_of_pairs_in_order() =>
        Rows.Sample(rows =>
        {
            var pairs =
                from positive in rows.Where(r => r.Positive)
                from negative in rows.Where(r => !r.Positive)
                select positive.Score > negative.Score ? 1.0
                : positive.Score == negative.Score ? 0.5
                : 0;
            var expected = pairs.Any() ? pairs.Average() : (double?)null;

            var area = RocAuc.Compute(
                rows.Select(r => r.Score).ToArray(),
                rows.Select(r => r.Positive).ToArray()
            );

            if (expected is null)
                Assert.Null(area);
            else
                Assert.Equal(expected.Value, area!.Value, Tolerance);
        });

    [Fact]
    public void Class_metrics_follow_their_definitions() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3])
            .Array[1, 60]
            .Sample(rows =>
            {
                var metrics = new CategoryMetrics(4);
                foreach (var (target, predicted) in rows)
                {
                    var probabilities = new float[4];
                    probabilities[predicted] = 1;
                    metrics.Add(probabilities, [target]);
                }

                var occurring = rows.SelectMany(r => new[] { r.Item1, r.Item2 })
                    .Distinct()
                    .ToList();
                var f1 = occurring.Average(c =>
                {
                    var hits = rows.Count(r => r.Item1 == c && r.Item2 == c);
                    var precision = Share(hits, rows.Count(r => r.Item2 == c));
                    var recall = Share(hits, rows.Count(r => r.Item1 == c));
                    return precision + recall == 0
                        ? 0
                        : 2 * precision * recall / (precision + recall);
                });
                var scores = metrics.Compute();
                Assert.Equal(
                    rows.Average(r => r.Item1 == r.Item2 ? 1.0 : 0),
                    scores["accuracy"],
                    Tolerance
                );
                Assert.Equal(f1, scores["macro_f1"], Tolerance);
                Assert.Equal(rows.Length, metrics.Confusion.ToRows().Sum(r => r.Sum()));
            });

    [Fact]
    public void Regression_metrics_follow_their_definitions_far_from_zero_too() =>
        Gen.Select(Gen.Int[-50, 50], Gen.Int[-50, 50])
            .Array[1, 60]
            .Sample(rows =>
            {
                // Far from zero, where Σy² − n·mean² would lose every digit.
                var targets = rows.Select(r => 1_000_000f + r.Item1).ToArray();
                var predictions = rows.Select(r => 1_000_000f + r.Item2).ToArray();
                var metrics = new NumberMetrics();
                metrics.Add(predictions, targets);

                var errors = rows.Select(r => (double)r.Item2 - r.Item1).ToList();
                var mean = rows.Average(r => (double)r.Item1);
                var spread = rows.Sum(r => Math.Pow(r.Item1 - mean, 2));
                var scores = metrics.Compute();
                Assert.Equal(errors.Average(Math.Abs), scores["mae"], Tolerance);
                Assert.Equal(Math.Sqrt(errors.Average(e => e * e)), scores["rmse"], Tolerance);
                if (rows.Select(r => r.Item1).Distinct().Count() > 1)
                {
                    var expected = 1 - (errors.Sum(e => e * e) / spread);
                    Assert.Equal(expected, scores["r2"], 1e-6 * Math.Max(1, Math.Abs(expected)));
                }
                else
                {
                    Assert.False(scores.ContainsKey("r2"));
                }
            });

    [Fact]
    public void How_rows_are_batched_changes_nothing() =>
        Gen.Select(Rows.Where(r => r.Length > 0), Gen.Int[1, 7])
            .Sample(
                (rows, size) =>
                {
                    var whole = new BinaryMetrics();
                    var parts = new BinaryMetrics();
                    whole.Add(
                        rows.Select(r => r.Score).ToArray(),
                        rows.Select(r => r.Positive).ToArray()
                    );
                    foreach (var chunk in rows.Chunk(size))
                    {
                        parts.Add(
                            chunk.Select(r => r.Score).ToArray(),
                            chunk.Select(r => r.Positive).ToArray()
                        );
                    }

                    Assert.Equal(whole.Compute(), parts.Compute());
                }
            );

    private static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
