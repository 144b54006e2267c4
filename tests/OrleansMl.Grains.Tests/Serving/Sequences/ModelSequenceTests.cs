using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;
using OrleansMl.Grains.Serving.Sequences;
using OrleansMl.Grains.Tests.Operations;
using static OrleansMl.Grains.Tests.Serving.Sequences.SequenceWorld;

namespace OrleansMl.Grains.Tests.Serving.Sequences;

public sealed class ModelSequenceTests
{
    [Fact]
    public async Task A_sequence_goes_on_wherever_its_calls_come_in_and_shows_no_state()
    {
        await using var world = await SequenceWorld.StartAsync();

        Assert.Equal(1, await world.SumAsync(Request("s", 1, start: true)));
        Assert.Equal(3, await world.SumAsync(Request("s", 2), silo: 1));
        Assert.Equal(10, await world.SumAsync(Request("t", 10, start: true), silo: 1));
        var answer = await world.CallAsync(Request("s", 3));

        Assert.Equal(6, Accumulator.Number(Assert.Single(answer.Outputs)));
        Assert.False(answer.IsCached);
        Assert.Equal(9, await world.SumAsync(Request("s", 3, end: true), silo: 1));
    }

    [Fact]
    public async Task Only_a_sequence_that_runs_goes_on()
    {
        await using var world = await SequenceWorld.StartAsync();

        await RefusedAsync(world, Request("s", 1), "was not begun");
        await world.CallAsync(Request("s", 1, start: true));
        await world.CallAsync(Request("s", 1, end: true, id: "e"));
        await RefusedAsync(world, Request("s", 1), "has ended");
        await world.CallAsync(Request("s", 1, start: true));
        await world.CallAsync(Request("s", 1, end: true));
        // Nothing of it is left.
        Assert.Equal(0, world.Stored("s"));
        await RefusedAsync(world, Request("s", 1), "was not begun");

        Assert.Equal(5, await world.SumAsync(Request("s", 5, start: true)));
        // A start in its middle begins it anew.
        Assert.Equal(7, await world.SumAsync(Request("s", 7, start: true)));
    }

    [Fact]
    public async Task A_sequence_without_a_start_begins_where_the_policy_says_so()
    {
        await using var world = await SequenceWorld.StartAsync(
            Accumulator.Policy with
            {
                ImplicitStart = true,
            }
        );

        Assert.Equal(1, await world.SumAsync(Request("s", 1)));
        Assert.Equal(3, await world.SumAsync(Request("s", 2)));
    }

    [Fact]
    public async Task Callers_do_not_meet_in_a_sequence_and_neither_do_named_versions()
    {
        await using var world = await SequenceWorld.StartAsync();
        await world.CallAsync(Request("s", 1, start: true), caller: "one");

        await Assert.ThrowsAsync<InvalidInputException>(() =>
            world.CallAsync(Request("s", 1), caller: "other")
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            world.CallAsync(Request("s", 1), reference: "1", caller: "one")
        );
    }

    [Fact]
    public async Task A_repeated_call_gets_its_answer_again_and_is_not_applied_twice()
    {
        await using var world = await SequenceWorld.StartAsync();

        foreach (var silo in new[] { 0, 1, 0 })
            Assert.Equal(1, await world.SumAsync(Request("s", 1, start: true, id: "a"), silo));
        foreach (var silo in new[] { 1, 0 })
            Assert.Equal(3, await world.SumAsync(Request("s", 2, id: "b"), silo));
        // A late repeat of the first call begins nothing anew.
        Assert.Equal(1, await world.SumAsync(Request("s", 1, start: true, id: "a")));
        Assert.Equal(6, await world.SumAsync(Request("s", 3, id: "c", end: true)));
        Assert.Equal(6, await world.SumAsync(Request("s", 3, id: "c", end: true)));
        Assert.Equal(3, world.Model.Runs);

        var error = await Assert.ThrowsAsync<ConflictException>(() =>
            world.CallAsync(Request("s", 4, id: "c", end: true))
        );
        Assert.Contains("same id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_may_be_used_again_in_a_sequence_of_the_same_name_after_the_end_of_the_one_before()
    {
        await using var world = await SequenceWorld.StartAsync();
        foreach (var factor in new[] { 1f, 1f, 10f })
        {
            Assert.Equal(1, await world.SumAsync(Request("s", 1, start: true, id: "1")));
            Assert.Equal(1 + factor, await world.SumAsync(Request("s", factor, id: "2")));
            Assert.Equal(
                1 + 2 * factor,
                await world.SumAsync(Request("s", factor, id: "3", end: true))
            );
        }
        Assert.Equal(9, world.Model.Runs);
    }

    [Fact]
    public async Task A_numbered_call_is_applied_in_its_place_once_or_not_at_all()
    {
        await using var world = await SequenceWorld.StartAsync(
            Accumulator.Policy with
            {
                KeptAnswers = 2,
            }
        );
        await RefusedAsync(world, Request("s", 1, start: true, step: 2), "sequence_step 1, got 2");
        Assert.Equal(1, await world.SumAsync(Request("s", 1, start: true, step: 1)));
        await ConflictAsync(world, Request("s", 4, step: 3), "expected sequence_step 2, got 3");
        Assert.Equal(3, await world.SumAsync(Request("s", 2, step: 2)));
        Assert.Equal(7, await world.SumAsync(Request("s", 4, step: 3)));
        Assert.Equal(7, await world.SumAsync(Request("s", 4, step: 3)));
        Assert.Equal(3, await world.SumAsync(Request("s", 2, step: 2)));
        await ConflictAsync(world, Request("s", 5, step: 2), "step 2 had the same id or step");
        await ConflictAsync(world, Request("s", 1, step: 1), "the next is 4");

        Assert.Equal(3, world.Model.Runs);
    }

    [Fact]
    public async Task A_call_whose_write_failed_is_applied_once_by_its_repeat()
    {
        foreach (var afterTheWrite in new[] { false, true })
        {
            await using var world = await SequenceWorld.StartAsync();
            await world.CallAsync(Request("s", 1, start: true, id: "a"));
            world.Cluster.Faults.Arm(1, afterTheWrite, only: "state model-sequence");

            await Assert.ThrowsAsync<UnavailableException>(() =>
                world.CallAsync(Request("s", 2, id: "b"))
            );
            Assert.True(world.Cluster.Faults.Struck);

            Assert.Equal(
                3,
                await GrainCluster.RetryAsync(() => world.SumAsync(Request("s", 2, id: "b")))
            );
            Assert.Equal(6, await world.SumAsync(Request("s", 3, id: "c")));
        }
    }

    [Fact]
    public async Task Sequences_survive_the_silo_that_held_them()
    {
        await using var world = await SequenceWorld.StartAsync();
        const int Sequences = 20;
        for (var i = 0; i < Sequences; i++)
            await world.CallAsync(Request($"s{i}", i, start: true, id: "a"), silo: i % 2);

        await world.Cluster.Inner.KillSiloAsync(world.Cluster.Inner.Silos[1], GrainCluster.Cancel);

        for (var i = 0; i < Sequences; i++)
        {
            var request = Request($"s{i}", 1, id: "b");
            Assert.Equal(i + 1, await GrainCluster.RetryAsync(() => world.SumAsync(request)));
            Assert.Equal(i + 1, await GrainCluster.RetryAsync(() => world.SumAsync(request)));
        }
    }

    [Fact]
    public async Task Whatever_a_caller_does_a_sequence_answers_as_a_fold_on_his_own_machine_would()
    {
        await using var world = await SequenceWorld.StartAsync();
        var sequence = 0;
        // What: 0 a call, 1 a repeat of the last one, 2 the activation ends, 3 the end, 4 a start.
        var step = Gen.Select(Gen.Int[0, 6], Gen.Int[-5, 5], Gen.Int[0, 1]);
        await step.Array[1, 20]
            .SampleAsync(
                async steps =>
                {
                    var name = $"p{Interlocked.Increment(ref sequence)}";
                    float? sum = null;
                    (InferenceRequest Request, float Sum)? last = null;
                    var call = 0;
                    foreach (var (what, value, silo) in steps)
                    {
                        if (what == 1 && last is { } again)
                        {
                            Assert.Equal(again.Sum, await world.SumAsync(again.Request, silo));
                            continue;
                        }
                        if (what == 2)
                        {
                            await world.Cluster.DeactivateAsync(
                                world.Cluster.Grains.GetGrain<IModelSequenceGrain>(
                                    $"{Accumulator.Model}/~/app/{name}"
                                )
                            );
                            continue;
                        }
                        var request = Request(
                            name,
                            value,
                            start: what == 4,
                            end: what == 3,
                            id: $"{++call}"
                        );
                        if (what != 4 && sum is null)
                        {
                            await Assert.ThrowsAsync<InvalidInputException>(() =>
                                world.CallAsync(request, silo)
                            );
                            continue;
                        }
                        sum = (what == 4 ? 0 : sum!.Value) + value;
                        last = (request, sum.Value);
                        Assert.Equal(sum.Value, await world.SumAsync(request, silo));
                        if (what == 3)
                            sum = null;
                    }
                },
                iter: 60,
                threads: 1
            );
    }

    [Fact]
    public async Task A_sequence_stays_on_the_version_that_it_began_on()
    {
        await using var world = await SequenceWorld.StartAsync();
        Assert.Equal(1, await world.SumAsync(Request("old", 1, start: true)));
        await world.RegisterAsync("c2");
        world.Forget();

        Assert.Equal(2, await world.SumAsync(Request("new", 1, start: true)));
        var answer = await world.CallAsync(Request("old", 1));

        Assert.Equal((1, 2f), (answer.Version, Accumulator.Number(answer.Outputs[0])));
        Assert.Equal(4, await world.SumAsync(Request("new", 1)));
    }

    [Fact]
    public async Task A_sequence_without_calls_expires_and_is_forgotten()
    {
        await using var world = await SequenceWorld.StartAsync();
        await world.CallAsync(Request("s", 1, start: true));
        await world.CallAsync(Request("kept", 1, start: true));
        world.Cluster.Time.Advance(TimeSpan.FromSeconds(59));
        await world.CallAsync(Request("kept", 1));
        Assert.NotEqual(0, world.Stored("s"));

        world.Cluster.Time.Advance(TimeSpan.FromSeconds(2));

        await RefusedAsync(world, Request("s", 1), "is not running");
        // The timer has fired, and gives no other signal.
        while (world.Stored("s") > 0)
            await Task.Delay(
                TimeSpan.FromMilliseconds(10),
                TimeProvider.System,
                GrainCluster.Cancel
            );
        Assert.Equal(3, await world.SumAsync(Request("kept", 1)));
    }

    [Fact]
    public async Task More_sequences_than_may_run_are_refused_until_one_ends()
    {
        await using var world = await SequenceWorld.StartAsync(
            Accumulator.Policy with
            {
                MaxSequences = 2,
            }
        );
        await world.CallAsync(Request("a", 1, start: true));
        await world.CallAsync(Request("b", 1, start: true));
        await world.CallAsync(Request("b", 1, start: true));

        var error = await Assert.ThrowsAsync<OverloadedException>(() =>
            world.CallAsync(Request("c", 1, start: true))
        );
        Assert.Contains("2 sequences, of 2", error.Message, StringComparison.Ordinal);
        await world.CallAsync(Request("a", 1));
        await world.CallAsync(Request("b", 1, end: true));

        await LaterAsync(() => world.CallAsync(Request("c", 1, start: true)));
    }

    [Fact]
    public async Task A_first_call_that_fails_takes_no_seat()
    {
        await using var world = await SequenceWorld.StartAsync(
            Accumulator.Policy with
            {
                MaxSequences = 1,
            }
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            world.CallAsync(Request("a", float.NaN, start: true))
        );

        await LaterAsync(() => world.CallAsync(Request("b", 1, start: true)));
    }

    [Fact]
    public async Task Calls_of_one_sequence_run_one_by_one_in_their_order_and_few_wait()
    {
        await using var world = await SequenceWorld.StartAsync(
            Accumulator.Policy with
            {
                MaxWaiting = 2,
            },
            silos: 1
        );
        await world.CallAsync(Request("s", 0, start: true));
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        world.Model.Gate = _ =>
        {
            entered.TrySetResult();
            return gate.Task;
        };
        List<Task<float>> calls = [world.SumAsync(Request("s", 1))];
        await entered.Task;
        calls.Add(world.SumAsync(Request("s", 10)));
        calls.Add(world.SumAsync(Request("s", 100)));

        await Assert.ThrowsAsync<OverloadedException>(() => world.SumAsync(Request("s", 1000)));
        // Other sequences do not wait for this one.
        Assert.Equal(2, world.Model.Runs);
        gate.SetResult();

        var sums = await Task.WhenAll(calls);
        Assert.Equal([1f, 11f, 111f], sums);
    }

    [Fact]
    public async Task State_is_neither_sent_nor_shown_unless_the_policy_says_so()
    {
        await using var world = await SequenceWorld.StartAsync();
        var start = Request("s", 1, start: true);

        await RefusedAsync(
            world,
            start with
            {
                Inputs = [.. start.Inputs, Accumulator.Tensor("total", 1)],
            },
            "leave it out"
        );
        await RefusedAsync(world, start with { Outputs = ["total_out"] }, "returnState");
        await RefusedAsync(
            world,
            start with
            {
                Parameters = start.Parameters with { Explain = new ExplanationRequest() },
            },
            "not explained"
        );
        await world.SetAsync("p2", Accumulator.Policy with { ReturnState = true });

        Assert.Equal(2, (await world.CallAsync(start)).Outputs.Count);
        var shown = await world.CallAsync(Request("s", 1) with { Outputs = ["y"] });
        Assert.Equal("y", Assert.Single(shown.Outputs).Name);
        var asked = await world.CallAsync(Request("s", 1) with { Outputs = ["total_out"] });
        Assert.Equal("total_out", Assert.Single(asked.Outputs).Name);
    }

    [Fact]
    public async Task A_call_without_a_sequence_is_a_plain_one_and_brings_the_state_itself()
    {
        await using var world = await SequenceWorld.StartAsync();
        var plain = new InferenceRequest
        {
            Inputs = [Accumulator.Tensor("x", 1), Accumulator.Tensor("total", 5)],
        };

        Assert.Equal(6, await world.SumAsync(plain));
        // A plain call may come from the cache, which a sequence's never does.
        Assert.True((await world.CallAsync(plain)).IsCached);
    }

    [Fact]
    public async Task A_version_that_does_not_fit_the_policy_is_refused_when_it_is_set_and_when_a_sequence_begins()
    {
        await using var world = await SequenceWorld.StartAsync();

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            world.SetAsync(
                "p2",
                new SequencePolicy
                {
                    States = [new SequenceStateSpec { Input = "h", Output = "total_out" }],
                }
            )
        );
        Assert.Contains("no input 'h'", error.Message, StringComparison.Ordinal);
        await world
            .Cluster.Model(Accumulator.Model)
            .RegisterVersionAsync(TestModels.Registration("other"), GrainCluster.Cancel);
        world.Forget();

        await ConflictAsync(world, Request("s", 1, start: true), "sums@2 does not fit");
    }

    [Fact]
    public async Task Calls_inside_the_cluster_share_the_state_too()
    {
        await using var world = await SequenceWorld.StartAsync();
        var predictor = world.Cluster.Grains.GetGrain<IPredictorGrain>("sums@1");

        await predictor.PredictAsync(Request("s", 1, start: true), GrainCluster.Cancel);
        var answer = await predictor.PredictAsync(Request("s", 2), GrainCluster.Cancel);

        Assert.Equal(3, Accumulator.Number(Assert.Single(answer.Outputs)));
    }

    private static async Task RefusedAsync(
        SequenceWorld world,
        InferenceRequest request,
        string why
    )
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => world.CallAsync(request));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    private static async Task ConflictAsync(
        SequenceWorld world,
        InferenceRequest request,
        string why
    )
    {
        var error = await Assert.ThrowsAsync<ConflictException>(() => world.CallAsync(request));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    // Seats are given back behind the answer.
    private static async Task LaterAsync(Func<Task> call)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (OverloadedException)
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(10),
                    TimeProvider.System,
                    GrainCluster.Cancel
                );
            }
        }
    }
}
