using System.Runtime.InteropServices;
using System.Text.Json;
using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Tests.Training.Configuration;

namespace OrleansMl.Core.Tests.Serving.Batching;

public sealed class BatchDecisionTests
{
    [Fact]
    public void A_size_is_in_the_class_that_its_largest_ends()
    {
        Gen.Int[1, int.MaxValue]
            .Sample(rows =>
            {
                var at = BatchSizes.ClassOf(rows);
                return at >= 0
                    && at < BatchSizes.Count
                    && rows <= BatchSizes.LargestOf(at)
                    && (at == 0 || rows > BatchSizes.LargestOf(at - 1));
            });
    }

    [Fact]
    public void Costs_come_from_the_table_and_else_from_what_is_sure()
    {
        var costs = new BatchCostTable();
        Assert.Equal(0, costs.AtLeast(4));
        costs.Record(2, 100);
        costs.Record(8, 160);

        Assert.Equal(100, costs.AtLeast(2));
        Assert.Equal(50, costs.AtLeast(1));
        Assert.Equal(100, costs.AtLeast(4));
        Assert.Equal(160, costs.AtLeast(32));
        for (var i = 0; i < 100; i++)
            costs.Record(2, 200);
        Assert.InRange(costs.AtLeast(2), 190, 200);
    }

    [Fact]
    public void A_run_that_lost_its_processor_moves_a_cost_little_and_a_true_change_is_followed()
    {
        var costs = new BatchCostTable();
        costs.Record(1, 100);
        costs.Record(1, 1_000_000);
        Assert.InRange(costs.AtLeast(1), 100, 113);
        for (var i = 0; i < 40; i++)
            costs.Record(1, 1_000);
        Assert.InRange(costs.AtLeast(1), 900, 1_000);
    }

    [Fact]
    public void The_earliest_end_counts_the_full_batches_before_a_call_and_its_own()
    {
        var costs = new BatchCostTable();
        costs.Record(1, 10);
        costs.Record(4, 20);
        var rules = new BatchRules(4, 0, 100, 10, 5, 0, 1);

        Assert.Equal(110, BatchAdmission.EarliestEnd(100, 1, 0, 0, 0, rules, costs));
        Assert.Equal(130, BatchAdmission.EarliestEnd(100, 1, 0, 0, 120, rules, costs));
        Assert.Equal(150, BatchAdmission.EarliestEnd(100, 1, 8, 8, 0, rules, costs));
        Assert.Equal(
            130,
            BatchAdmission.EarliestEnd(100, 1, 8, 8, 0, rules with { Instances = 2 }, costs)
        );
        Assert.Equal(
            190,
            BatchAdmission.EarliestEnd(100, 1, 8, 8, 0, rules with { MaxRows = 1 }, costs)
        );
    }

    [Fact]
    public void Whoever_ran_least_goes_next_and_a_pause_saves_nothing_up()
    {
        var share = new FairShare<string>();
        var flood = new FairShareSeat<string>("flood");
        var rare = new FairShareSeat<string>("rare");
        for (var i = 0; i < 10; i++)
        {
            share.Add(flood);
            Assert.Same(flood, share.Next());
            share.Charge(flood, 100);
        }
        share.Add(flood);
        share.Add(rare);
        Assert.Same(rare, share.Next());
        // It came back level with the others: after as much time it does not go before them any more.
        share.Charge(rare, 1_000);
        share.Add(rare);
        Assert.Same(flood, share.Next());
    }

    [Fact]
    public void Two_that_always_want_to_run_get_the_same_time_whatever_their_runs_take()
    {
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 50])
            .Sample(
                (a, b) =>
                {
                    var share = new FairShare<string>();
                    var seats = new[]
                    {
                        new FairShareSeat<string>("a"),
                        new FairShareSeat<string>("b"),
                    };
                    var spent = new int[2];
                    foreach (var seat in seats)
                        share.Add(seat);
                    for (var i = 0; i < 2_000; i++)
                    {
                        var seat = share.Next()!;
                        var which = Array.IndexOf(seats, seat);
                        var cost = which == 0 ? a : b;
                        spent[which] += cost;
                        share.Charge(seat, cost);
                        share.Add(seat);
                    }
                    return Math.Abs(spent[0] - spent[1]) <= Math.Max(a, b);
                }
            );
    }

    [Fact]
    public void What_is_gathered_is_split_the_same_whatever_the_datatype()
    {
        Gen.Select(Gen.Int[1, 4].Array[1, 6], Gen.Bool)
            .Sample(
                (rows, texts) =>
                {
                    var calls = rows.Select(
                            (count, call) =>
                                (IReadOnlyList<InferenceTensor>)
                                    [texts ? Texts(count, call) : Floats(count, call)]
                        )
                        .ToList();
                    var memory = new TensorMemory();
                    var together = TensorBatches.Gather(calls, rows.Sum(), memory);
                    var split = TensorBatches.Split(together, rows);
                    return split
                        .Zip(calls)
                        .All(pair =>
                            pair.First[0].Shape.SequenceEqual(pair.Second[0].Shape)
                            && pair.First[0].Data.Span.SequenceEqual(pair.Second[0].Data.Span)
                        );
                }
            );
    }

    [Fact]
    public void Outputs_without_a_row_for_each_row_are_not_split()
    {
        Assert.Throws<InvalidDataException>(() => TensorBatches.Split([Floats(3, 0)], [1, 1]));
    }

    [Fact]
    public void A_model_whose_rows_see_each_other_is_not_batched()
    {
        Assert.Null(BatchTrial.Run(new Rowwise([-1, 2], sum: false)));
        Assert.Contains("differs", BatchTrial.Run(new Rowwise([-1, 2], sum: true))!);
        Assert.Contains("no variable first", BatchTrial.Run(new Rowwise([1, 2], sum: false))!);
    }

    [Fact]
    public void A_call_goes_where_its_model_is_warm_and_else_all_agree_on_one_silo()
    {
        var version = new ModelVersionId("churn", 1);
        ReplicaCandidate[] silos = [new("a", false, 0), new("b", false, 9), new("c", false, 3)];
        var agreed = silos[ReplicaChoice.Choose(version, silos, 8)].Name;
        Assert.Equal(
            agreed,
            silos.Reverse().ElementAt(ReplicaChoice.Choose(version, [.. silos.Reverse()], 8)).Name
        );

        silos[1] = silos[1] with { Warm = true };
        Assert.Equal(1, ReplicaChoice.Choose(version, silos, 10));
        Assert.NotEqual(1, ReplicaChoice.Choose(version, silos, 9));
        // None left to load it: the least busy of those that have it.
        silos = [.. silos.Select(silo => silo with { Warm = true })];
        Assert.Equal(0, ReplicaChoice.Choose(version, silos, 0));
    }

    [Fact]
    public void A_policy_out_of_range_is_refused_with_its_key()
    {
        Assert.Empty(BatchingPolicyChecks.Problems(BatchingPolicy.Default));
        var problems = ServingPolicyChecks.Problems(
            new ServingPolicy
            {
                Batching = new BatchingPolicy { MaxBatchSize = 0, DefaultPriority = 11 },
            }
        );
        Assert.Equal(
            [
                "batching.maxBatchSize: expected 1 to 4096, got 0.",
                "batching.defaultPriority: expected 1 to 10, got 11.",
            ],
            problems
        );
    }

    [Fact]
    public void The_example_is_a_policy_that_may_be_set()
    {
        var request = JsonSerializer.Deserialize<ServingPolicyRequest>(
            RepositoryFiles.Example("serving-batching.json"),
            ContractsJson.Options
        )!;

        Assert.Equal(200_000, request.Policy.Batching?.DefaultTimeoutMicroseconds);
        Assert.Empty(ServingPolicyChecks.Problems(request.Policy));
    }

    private static InferenceTensor Floats(int rows, int seed) =>
        new()
        {
            Name = "x",
            Datatype = "FP32",
            Shape = [rows, 2],
            Data = MemoryMarshal
                .AsBytes(
                    Enumerable
                        .Range(0, 2 * rows)
                        .Select(i => (float)(seed * 10 + i))
                        .ToArray()
                        .AsSpan()
                )
                .ToArray(),
        };

    private static InferenceTensor Texts(int rows, int seed) =>
        new()
        {
            Name = "x",
            Datatype = "BYTES",
            Shape = [rows, 1],
            Data = Enumerable
                .Range(0, rows)
                .SelectMany(i =>
                {
                    var text = new byte[(seed + i) % 4];
                    Array.Fill(text, (byte)seed);
                    return BitConverter.GetBytes(text.Length).Concat(text);
                })
                .ToArray(),
        };

    /// <summary>Gives its input, or to each row the sum over all of them.</summary>
    private sealed class Rowwise(long[] shape, bool sum) : IInferenceSession
    {
        public ModelSignature Signature { get; } =
            new()
            {
                Inputs =
                [
                    new TensorSignature
                    {
                        Name = "x",
                        Datatype = "FP32",
                        Shape = shape,
                    },
                ],
                Outputs =
                [
                    new TensorSignature
                    {
                        Name = "y",
                        Datatype = "FP32",
                        Shape = shape,
                    },
                ],
            };

        public long InlineVolume => 0;

        public IReadOnlyList<InferenceTensor> Run(
            IReadOnlyList<InferenceTensor> inputs,
            IReadOnlyList<string> outputs,
            TensorMemory? memory = null
        )
        {
            var values = MemoryMarshal.Cast<byte, float>(inputs[0].Data.Span).ToArray();
            if (sum)
                Array.Fill(values, values.Sum());
            return
            [
                inputs[0] with
                {
                    Name = "y",
                    Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
                },
            ];
        }

        public void Dispose() { }
    }
}
