using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;

namespace OrleansMl.Core.Tests.Serving.Caching;

public sealed class ResponseCacheTests
{
    private static readonly ModelVersionId First = new("churn", 1);

    [Fact]
    public async Task An_equal_call_gets_the_first_ones_answer_with_its_own_id_and_says_so()
    {
        using var world = new CacheWorld();

        var first = await world.CallAsync(1, CacheWorld.Request(4, 5));
        var again = await world.CallAsync(1, CacheWorld.Request(4, 5) with { Id = "other" });

        Assert.Equal(1, world.Predictor.Runs);
        Assert.Equal((false, true), (first.IsCached, again.IsCached));
        Assert.Equal("other", again.Id);
        Assert.Equal([41f, 51f], CountingPredictor.Numbers(Assert.Single(again.Outputs)));
        var statistics = world.Counters.Of(First).Read();
        Assert.Equal((1, 1), (statistics.CacheHit.Count, statistics.CacheMiss.Count));
    }

    [Fact]
    public async Task Another_version_input_name_shape_output_or_policy_revision_is_another_call()
    {
        using var world = new CacheWorld();
        var request = CacheWorld.Request(4, 5);
        var tensor = request.Inputs[0];

        await world.CallAsync(1, request);
        await world.CallAsync(2, request);
        await world.CallAsync(1, CacheWorld.Request(5, 4));
        await world.CallAsync(1, request with { Inputs = [tensor with { Name = "z" }] });
        await world.CallAsync(1, request with { Inputs = [tensor with { Shape = [2, 1] }] });
        await world.CallAsync(1, request with { Outputs = ["y"] });
        world.Revision++;
        await world.CallAsync(1, request);

        Assert.Equal(7, world.Predictor.Runs);
    }

    [Fact]
    public async Task Without_the_section_and_for_explained_calls_nothing_is_kept()
    {
        using var world = new CacheWorld();
        var explained = CacheWorld.Request(1) with
        {
            Parameters = new InferenceParameters { Explain = new ExplanationRequest() },
        };
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<InvalidInputException>(async () =>
                await world.CallAsync(1, explained)
            );
        world.Policy = null;
        await world.CallAsync(1, CacheWorld.Request(1));
        await world.CallAsync(1, CacheWorld.Request(1));

        Assert.Equal(4, world.Predictor.Runs);
    }

    [Fact]
    public async Task An_answer_is_given_again_until_it_is_too_old()
    {
        using var world = new CacheWorld { Policy = new CachePolicy { MaxAgeSeconds = 60 } };

        await world.CallAsync(1, CacheWorld.Request(1));
        world.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.True((await world.CallAsync(1, CacheWorld.Request(1))).IsCached);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await world.CallAsync(1, CacheWorld.Request(1))).IsCached);

        Assert.Equal(2, world.Predictor.Runs);
    }

    [Fact]
    public async Task An_answer_larger_than_the_policy_allows_is_not_kept()
    {
        using var world = new CacheWorld { Policy = new CachePolicy { MaxEntryBytes = 7 } };

        await world.CallAsync(1, CacheWorld.Request(1));
        await world.CallAsync(1, CacheWorld.Request(1, 2));
        Assert.True((await world.CallAsync(1, CacheWorld.Request(1))).IsCached);
        Assert.False((await world.CallAsync(1, CacheWorld.Request(1, 2))).IsCached);
    }

    [Fact]
    public async Task A_dropped_version_gives_none_of_its_answers_again_not_even_of_runs_under_way()
    {
        using var world = new CacheWorld();
        await world.CallAsync(1, CacheWorld.Request(1));
        await world.CallAsync(2, CacheWorld.Request(1));
        var gate = new TaskCompletionSource();
        world.Predictor.Gate = _ => gate.Task;
        var running = world.CallAsync(1, CacheWorld.Request(2)).AsTask();

        world.Cache.Drop(First);
        gate.SetResult();
        await running;

        Assert.False((await world.CallAsync(1, CacheWorld.Request(1))).IsCached);
        Assert.False((await world.CallAsync(1, CacheWorld.Request(2))).IsCached);
        Assert.True((await world.CallAsync(2, CacheWorld.Request(1))).IsCached);
    }

    [Fact]
    public async Task Equal_calls_that_meet_are_run_once()
    {
        using var world = new CacheWorld();
        var gate = new TaskCompletionSource();
        world.Predictor.Gate = _ => gate.Task;
        var calls = Enumerable
            .Range(0, 20)
            .Select(_ => world.CallAsync(1, CacheWorld.Request(7)).AsTask())
            .ToList();

        gate.SetResult();
        var answers = await Task.WhenAll(calls);

        Assert.Equal(1, world.Predictor.Runs);
        Assert.Equal(19, answers.Count(answer => answer.IsCached));
        Assert.All(
            answers,
            answer => Assert.Equal([71f], CountingPredictor.Numbers(answer.Outputs[0]))
        );
    }

    [Fact]
    public async Task Who_waits_for_a_run_that_fails_or_is_given_up_runs_by_himself()
    {
        using var world = new CacheWorld();
        var gate = new TaskCompletionSource();
        world.Predictor.Gate = _ => world.Predictor.Runs == 1 ? gate.Task : Task.CompletedTask;
        using var gaveUp = new CancellationTokenSource();
        var first = world.CallAsync(1, CacheWorld.Request(7), gaveUp.Token).AsTask();
        var second = world.CallAsync(1, CacheWorld.Request(7)).AsTask();

        await gaveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var answer = await second;
        Assert.Equal([71f], CountingPredictor.Numbers(answer.Outputs[0]));
        Assert.Equal(2, world.Predictor.Runs);
    }

    [Fact]
    public async Task Errors_are_not_kept()
    {
        using var world = new CacheWorld();
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<InvalidInputException>(async () =>
                await world.CallAsync(1, CacheWorld.Request(-1))
            );

        Assert.Equal(3, world.Predictor.Runs);
    }

    [Fact]
    public async Task A_call_waits_for_an_equal_one_no_longer_than_its_timeout()
    {
        using var world = new CacheWorld();
        var gate = new TaskCompletionSource();
        world.Predictor.Gate = _ => gate.Task;
        var first = world.CallAsync(1, CacheWorld.Request(7)).AsTask();
        var second = world
            .CallAsync(
                1,
                CacheWorld.Request(7) with
                {
                    Parameters = new InferenceParameters { TimeoutMicroseconds = 5_000 },
                }
            )
            .AsTask();

        world.Time.Advance(TimeSpan.FromMilliseconds(6));

        var error = await Assert.ThrowsAsync<UnavailableException>(() => second);
        Assert.Contains("timeout of 5 ms", error.Message, StringComparison.Ordinal);
        gate.SetResult();
        await first;
    }

    [Fact]
    public async Task An_answer_that_was_evicted_stays_whole_for_who_has_it()
    {
        // Room for a few answers of 4 KiB each with what keeping one costs.
        using var world = new CacheWorld(maxBytes: 20_000);
        var values = Enumerable.Range(1, 1_000).Select(i => (float)i).ToArray();
        (await world.CallAsync(1, CacheWorld.Request(values))).Release();
        var held = await world.CallAsync(1, CacheWorld.Request(values));
        Assert.True(held.IsCached);

        for (var i = 1; i <= 50; i++)
        {
            float[] other = [.. values.Select(value => value + i * 1_000)];
            (await world.CallAsync(1, CacheWorld.Request(other))).Release();
            (await world.CallAsync(1, CacheWorld.Request(other))).Release();
        }

        Assert.Equal(
            values.Select(value => CountingPredictor.Expected(value, 1)),
            CountingPredictor.Numbers(held.Outputs[0])
        );
        held.Release();
        Assert.False((await world.CallAsync(1, CacheWorld.Request(values))).IsCached);
    }

    [Fact]
    public async Task With_a_cache_of_any_size_every_call_is_answered_as_without_one()
    {
        var step = Gen.Select(Gen.Int[1, 3], Gen.Int[0, 12], Gen.Int[1, 40], Gen.Int[0, 30]);
        await Gen.Select(step.Array[1, 80], Gen.Long[1_000, 12_000])
            .SampleAsync(
                async (calls, room) =>
                {
                    using var world = new CacheWorld(room)
                    {
                        Policy = new CachePolicy { MaxAgeSeconds = 60 },
                    };
                    foreach (var (version, value, count, seconds) in calls)
                    {
                        world.Time.Advance(TimeSpan.FromSeconds(seconds));
                        float[] values = [.. Enumerable.Repeat((float)value, count)];
                        var answer = await world.CallAsync(version, CacheWorld.Request(values));
                        Assert.Equal(version, answer.Version);
                        Assert.Equal($"r{value}", answer.Id);
                        Assert.Equal(
                            values.Select(each => CountingPredictor.Expected(each, version)),
                            CountingPredictor.Numbers(answer.Outputs[0])
                        );
                        answer.Release();
                    }
                },
                iter: 200
            );
    }
}
