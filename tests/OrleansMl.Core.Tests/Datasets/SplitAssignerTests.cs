using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Tests.Datasets;

public sealed class SplitAssignerTests
{
    private static readonly Gen<(double Validation, double Test)> Shares = Gen.OneOf(
        Gen.Select(Gen.Double[0, 0.45], Gen.Double[0, 0.45]),
        Gen.OneOf(
            (0.1, 0.1),
            (0.0, 0.0),
            (0.25, 0.25),
            (0.001, 0.3),
            (0.0, 0.5),
            (0.5, 0.0),
            (1.0 / 3, 1.0 / 3)
        )
    );

    [Fact]
    public void Strata_keep_their_shares_to_within_one_row_in_every_split_after_every_row()
    {
        Gen.Select(Shares, Gen.Long, Gen.Int[0, 3].Array[1, 3000])
            .Sample(
                (shares, seed, strata) =>
                {
                    var assigner = new SplitAssigner(Stratified(shares, seed));
                    double[] expected =
                    [
                        1 - shares.Validation - shares.Test,
                        shares.Validation,
                        shares.Test,
                    ];
                    var counts = new int[4, 3];
                    var rows = new int[4];
                    foreach (var stratum in strata)
                    {
                        counts[stratum, assigner.Assign(0, $"class {stratum}")]++;
                        rows[stratum]++;
                        for (var split = 0; split < 3; split++)
                            if (
                                Math.Abs(counts[stratum, split] - (rows[stratum] * expected[split]))
                                > 1 + 1e-6
                            )
                                return false;
                    }
                    return true;
                },
                iter: 300
            );
    }

    [Fact]
    public void The_same_seed_splits_the_same_and_another_otherwise()
    {
        foreach (
            var policy in new[]
            {
                new SplitPolicy { Kind = SplitKind.Random },
                new SplitPolicy { Kind = SplitKind.Hash },
                new SplitPolicy { StratifyBy = "y" },
            }
        )
        {
            Assert.Equal(Splits(policy), Splits(policy));
            Assert.Contains(
                Enumerable.Range(0, 20),
                seed => !Splits(policy).SequenceEqual(Splits(policy with { Seed = seed }))
            );
        }

        static List<byte> Splits(SplitPolicy policy)
        {
            var assigner = new SplitAssigner(policy);
            return
            [
                .. Enumerable.Range(0, 500).Select(i => assigner.Assign((ulong)i * 77, $"{i % 5}")),
            ];
        }
    }

    [Theory]
    [InlineData(SplitKind.Hash)]
    [InlineData(SplitKind.Random)]
    public void Shares_are_kept_on_average(SplitKind kind)
    {
        var assigner = new SplitAssigner(
            new SplitPolicy
            {
                Kind = kind,
                Validation = 0.2,
                Test = 0.05,
            }
        );
        var counts = new int[3];
        for (var row = 0; row < 100_000; row++)
            counts[assigner.Assign((ulong)row, "")]++;
        // Six standard deviations of a binomial count.
        Assert.InRange(counts[1], 20_000 - 760, 20_000 + 760);
        Assert.InRange(counts[2], 5_000 - 414, 5_000 + 414);
    }

    [Fact]
    public void Hashed_splits_do_not_depend_on_order()
    {
        Gen.Select(Gen.Long, Gen.ULong.Array[1, 200])
            .Sample(
                (seed, hashes) =>
                {
                    var policy = new SplitPolicy { Seed = seed };
                    SplitAssigner forwards = new(policy),
                        backwards = new(policy);
                    var first = hashes.Select(h => forwards.Assign(h, "")).ToArray();
                    var second = hashes.Reverse().Select(h => backwards.Assign(h, "")).Reverse();
                    return first.SequenceEqual(second);
                }
            );
    }

    [Fact]
    public void Rows_beside_given_test_rows_only_train_and_validate()
    {
        foreach (var stratify in new[] { null, "y" })
        {
            var assigner = new SplitAssigner(
                new SplitPolicy
                {
                    Kind = SplitKind.Random,
                    Validation = 0.25,
                    Test = 0.7,
                    StratifyBy = stratify,
                },
                testGiven: true
            );
            var counts = new int[3];
            for (var row = 0; row < 1000; row++)
                counts[assigner.Assign(0, "a")]++;
            Assert.Equal(0, counts[DatasetSplits.Test]);
            Assert.InRange(counts[DatasetSplits.Validation], 170, 330);
        }
    }

    [Fact]
    public void A_random_sequence_goes_on_where_the_parent_ended()
    {
        var policy = new SplitPolicy { Kind = SplitKind.Random };
        var whole = new SplitAssigner(policy);
        var rest = new SplitAssigner(policy, rowsBefore: 40);
        var splits = Enumerable.Range(0, 100).Select(_ => whole.Assign(0, "")).ToArray();
        Assert.Equal(splits[40..], Enumerable.Range(0, 60).Select(_ => rest.Assign(0, "")));
    }

    [Theory]
    [InlineData(-0.1, 0.1, "splits.validation: expected a share from 0 to below 1, got -0.1.")]
    [InlineData(0.1, 1, "splits.test: expected a share from 0 to below 1, got 1.")]
    [InlineData(double.NaN, 0, "splits.validation: expected a share from 0 to below 1, got NaN.")]
    [InlineData(
        0.5,
        0.5,
        "splits: validation 0.5 and test 0.5 leave no rows to train on; expected a sum below 1."
    )]
    public void Impossible_shares_are_refused(double validation, double test, string expected) =>
        Assert.Equal(expected, Refusal(new SplitPolicy { Validation = validation, Test = test }));

    [Fact]
    public void Keys_that_contradict_the_kind_are_refused()
    {
        Assert.StartsWith(
            "splits: the column 's' names",
            Refusal(new SplitPolicy { Column = "s" })
        );
        Assert.StartsWith(
            "splits: stratifyBy 's' has no use",
            Refusal(new SplitPolicy { Kind = SplitKind.Given, StratifyBy = "s" })
        );
        Assert.StartsWith(
            "splits: expected the kind",
            Refusal(new SplitPolicy { Kind = (SplitKind)9 })
        );
    }

    [Theory]
    [InlineData("t10k-images-idx3-ubyte.gz", DatasetSplits.Test)]
    [InlineData("data/train-labels-idx1-ubyte", DatasetSplits.Train)]
    [InlineData("churn_VAL.csv", DatasetSplits.Validation)]
    [InlineData("test.parquet", DatasetSplits.Test)]
    [InlineData("test/part-1.csv", null)]
    [InlineData("contest.csv", null)]
    [InlineData("", null)]
    public void A_file_name_tells_its_split_by_a_whole_word(string name, byte? split) =>
        Assert.Equal(split, DatasetSplits.OfFileName(name));

    private static string Refusal(SplitPolicy policy) =>
        Assert.Throws<InvalidInputException>(() => new SplitAssigner(policy)).Message;

    private static SplitPolicy Stratified((double Validation, double Test) shares, long seed) =>
        new()
        {
            Kind = SplitKind.Random,
            Seed = seed,
            Validation = shares.Validation,
            Test = shares.Test,
            StratifyBy = "y",
        };
}
