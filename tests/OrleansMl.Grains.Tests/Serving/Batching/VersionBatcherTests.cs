using System.Runtime.InteropServices;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Grains.Serving.Batching;

namespace OrleansMl.Grains.Tests.Serving.Batching;

public sealed class VersionBatcherTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedSession _session = new();
    private readonly InferenceThreads _threads;

    public VersionBatcherTests() => _threads = new InferenceThreads(1, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _threads.Dispose();

    [Fact]
    public async Task An_idle_version_runs_on_the_callers_thread_when_it_is_quick_and_not_otherwise()
    {
        using var batcher = Batcher();
        _session.InlineVolume = 1;
        var call = batcher.RunAsync([Row(1)], [], new(), Cancel);

        Assert.True(call.IsCompletedSuccessfully);
        Assert.Equal(2, First(await call));
        _session.InlineVolume = 0;
        await batcher.RunAsync([Row(1)], [], new(), Cancel);
        var threads = _session.Threads.ToArray();
        Assert.Equal(2, threads.Length);
        Assert.NotEqual(threads[0], threads[1]);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(100, false)]
    public async Task A_call_quicker_than_a_hand_over_runs_at_once_whoever_else_runs(
        int microseconds,
        bool isInline
    )
    {
        using var batcher = Batcher();
        _session.InlineVolume = 1;
        _session.OnRun = () => _time.Advance(TimeSpan.FromMicroseconds(microseconds));
        await batcher.RunAsync([Row(0)], [], new(), Cancel);
        await _session.Began.WaitAsync(Cancel);
        _session.Gated = true;
        var running = Task.Run(() => Call(batcher, 1), Cancel);
        await _session.Began.WaitAsync(Cancel);
        _session.Gated = false;

        var second = batcher.RunAsync([Row(2)], [], new(), Cancel);
        var ranHere = _session.Threads.Last() == Environment.CurrentManagedThreadId;
        _session.Permits.Release();
        await Task.WhenAll(running, second.AsTask());

        Assert.Equal(isInline, ranHere && _session.Firsts.Last() == 2);
    }

    [Fact]
    public async Task Rows_that_were_measured_to_be_quick_run_inline_though_loading_knew_one_row_alone()
    {
        using var batcher = Batcher();
        _session.InlineVolume = 1;
        _session.OnRun = () => _time.Advance(TimeSpan.FromMicroseconds(200));

        await batcher.RunAsync([Rows(1, 4)], [], new(), Cancel);
        var second = batcher.RunAsync([Rows(1, 4)], [], new(), Cancel);

        Assert.True(second.IsCompletedSuccessfully);
        await second;
        Assert.NotEqual(_session.Threads.First(), _session.Threads.Last());
    }

    [Fact]
    public async Task What_waits_while_a_run_is_under_way_runs_together_up_to_the_maximum()
    {
        using var batcher = Batcher(new BatchingPolicy { MaxBatchSize = 4 });
        _session.Gated = true;
        var calls = new List<Task<BatchAnswer>> { Call(batcher, 0) };
        await _session.Began.WaitAsync(Cancel);
        for (var i = 1; i < 8; i++)
            calls.Add(Call(batcher, i));
        _session.Permits.Release(10);
        var answers = await Task.WhenAll(calls);

        Assert.Equal([1, 4, 3], _session.Rows);
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (float)i), answers.Select(First));
        var read = batcher.Counters.Read();
        Assert.Equal((8, 3), (read.InferenceCount, read.ExecutionCount));
        Assert.Equal(8, read.Success.Count);
        Assert.Equal([1, 3, 4], read.Batches.Select(batch => batch.BatchSize));
        Assert.Equal(1, batcher.Counters.Closed(BatchClosing.Full));
        Assert.Equal(2, batcher.Counters.Closed(BatchClosing.Idle));
    }

    [Fact]
    public async Task Stragglers_beside_an_efficient_run_wait_until_they_are_one_or_it_has_ended()
    {
        using var threads = new InferenceThreads(2, _time);
        using var batcher = Batcher(threads: threads);
        // A row alone takes 225 µs, in a run of four 75 µs: four are efficient.
        _session.OnRun = () =>
            _time.Advance(TimeSpan.FromMicroseconds(200 + (25 * _session.Rows.Last())));
        await batcher.RunAsync([Rows(0, 1)], [], new(), Cancel);
        await batcher.RunAsync([Rows(0, 4)], [], new(), Cancel);
        await _session.Began.WaitAsync(Cancel);
        await _session.Began.WaitAsync(Cancel);
        _session.Gated = true;
        var calls = new List<Task> { RunAsync(4) };
        await _session.Began.WaitAsync(Cancel);
        calls.Add(RunAsync(1));
        calls.Add(RunAsync(3));
        await _session.Began.WaitAsync(Cancel);
        calls.Add(RunAsync(2));
        _session.Permits.Release(3);
        await Task.WhenAll(calls);

        Assert.Equal([1, 4, 4, 4, 2], _session.Rows);

        Task RunAsync(int rows) => batcher.RunAsync([Rows(0, rows)], [], new(), Cancel).AsTask();
    }

    [Fact]
    public async Task What_waits_when_several_instances_become_free_is_shared_between_them()
    {
        using var threads = new InferenceThreads(2, _time);
        using var batcher = Batcher(threads: threads);
        // A row alone takes 325 µs, in a run of two 175 µs, in one of eight 63 µs: eight are efficient.
        _session.OnRun = () =>
            _time.Advance(TimeSpan.FromMicroseconds(300 + (25 * _session.Rows.Last())));
        foreach (var rows in (int[])[1, 2, 4, 8])
        {
            await batcher.RunAsync([Rows(0, rows)], [], new(), Cancel);
            await _session.Began.WaitAsync(Cancel);
        }
        _session.Gated = true;
        // Both threads are taken by another version, so that all of them wait when a thread comes.
        var other = new ScriptedSession { Gated = true };
        using var busy = Batcher(session: other, threads: threads);
        var held = Call(busy, 0);
        await other.Began.WaitAsync(Cancel);
        var alsoHeld = Call(busy, 1);
        await other.Began.WaitAsync(Cancel);
        var calls = Enumerable.Range(0, 32).Select(i => Call(batcher, i)).ToArray();
        other.Permits.Release(2);
        await Task.WhenAll(held, alsoHeld);
        await _session.Began.WaitAsync(Cancel);
        await _session.Began.WaitAsync(Cancel);
        _session.Permits.Release(2);
        var answers = await Task.WhenAll(calls);

        Assert.Equal([1, 2, 4, 8, 16, 16], _session.Rows);
        Assert.Equal(1, batcher.Counters.Closed(BatchClosing.Parted));
        Assert.Equal(Enumerable.Range(1, 32).Select(i => (float)i), answers.Select(First));
    }

    [Fact]
    public async Task Who_comes_first_after_a_batch_waits_for_the_others_of_it()
    {
        using var batcher = Batcher();
        _session.InlineVolume = 100;
        _session.OnRun = () => _time.Advance(TimeSpan.FromMicroseconds(200));
        await Call(batcher, 0);
        await _session.Began.WaitAsync(Cancel);
        _session.Gated = true;
        var running = Task.Run(() => Call(batcher, 1), Cancel);
        await _session.Began.WaitAsync(Cancel);
        var waiting = new[] { Call(batcher, 2), Call(batcher, 3) };
        _session.Permits.Release(10);
        await Task.WhenAll([running, .. waiting]);

        await Call(batcher, 4);
        await Call(batcher, 5);

        var own = Environment.CurrentManagedThreadId;
        Assert.Equal([1, 1, 2, 1, 1], _session.Rows);
        Assert.NotEqual(own, _session.Threads.ElementAt(3));
    }

    [Fact]
    public async Task A_higher_priority_goes_first_and_the_rest_keep_their_order()
    {
        using var batcher = Batcher(new BatchingPolicy { Enabled = false });
        _session.Gated = true;
        var calls = new List<Task<BatchAnswer>> { Call(batcher, 0) };
        await _session.Began.WaitAsync(Cancel);
        calls.Add(Call(batcher, 1));
        calls.Add(Call(batcher, 2));
        calls.Add(Call(batcher, 3, new InferenceParameters { Priority = 1 }));
        calls.Add(Call(batcher, 4, new InferenceParameters { Priority = 99 }));
        _session.Permits.Release(5);
        await Task.WhenAll(calls);

        Assert.Equal([0, 3, 1, 2, 4], _session.Firsts);
    }

    [Fact]
    public async Task A_call_given_up_or_late_is_never_run()
    {
        using var batcher = Batcher();
        _session.Gated = true;
        var running = Call(batcher, 0);
        await _session.Began.WaitAsync(Cancel);
        using var gone = new CancellationTokenSource();
        var given = batcher.RunAsync([Row(1)], [], new(), gone.Token).AsTask();
        var late = Call(batcher, 2, new InferenceParameters { TimeoutMicroseconds = 5_000 });
        var stays = Call(batcher, 3);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        // The model is still at the first call: nothing but the clock says it.
        _time.Advance(TimeSpan.FromMilliseconds(6));
        var error = await Assert.ThrowsAsync<UnavailableException>(() => late);
        Assert.Contains("timeout of 5 ms", error.Message, StringComparison.Ordinal);
        _session.Permits.Release(5);
        await Task.WhenAll(running, stays);

        Assert.Equal([0, 3], _session.Firsts);
        Assert.Equal(2, batcher.Counters.Read().Fail.Count);
    }

    [Fact]
    public async Task What_can_not_be_met_by_the_measured_costs_is_refused_at_once()
    {
        using var batcher = Batcher(new BatchingPolicy { MaxBatchSize = 1 });
        _session.OnRun = () => _time.Advance(TimeSpan.FromMilliseconds(10));
        await Call(batcher, 0);
        _session.Gated = true;
        var running = Call(batcher, 1);
        // The first run's announcement, too.
        await _session.Began.WaitAsync(Cancel);
        await _session.Began.WaitAsync(Cancel);
        var waiting = Call(batcher, 2);

        var error = await Assert.ThrowsAsync<UnavailableException>(() =>
            Call(batcher, 3, new InferenceParameters { TimeoutMicroseconds = 25_000 })
        );
        Assert.Contains("earliest answer is in 30 ms", error.Message, StringComparison.Ordinal);
        var met = Call(batcher, 4, new InferenceParameters { TimeoutMicroseconds = 35_000 });
        _session.Permits.Release(5);
        await Task.WhenAll(running, waiting, met);
        Assert.Equal([0, 1, 2, 4], _session.Firsts);
    }

    [Fact]
    public async Task A_delay_makes_the_first_call_wait_for_others()
    {
        using var batcher = Batcher(
            new BatchingPolicy { MaxBatchSize = 3, MaxQueueDelayMicroseconds = 10_000 }
        );
        _session.InlineVolume = 100;
        var calls = new[] { Call(batcher, 0), Call(batcher, 1) };
        Assert.Empty(_session.Rows);
        _time.Advance(TimeSpan.FromMilliseconds(11));
        await Task.WhenAll(calls);
        // Three are a full batch: it waits for nobody.
        await Task.WhenAll(Call(batcher, 2), Call(batcher, 3), Call(batcher, 4));

        Assert.Equal([2, 3], _session.Rows);
        Assert.Equal(1, batcher.Counters.Closed(BatchClosing.Delay));
        Assert.Equal(1, batcher.Counters.Closed(BatchClosing.Full));
    }

    [Fact]
    public async Task A_call_whose_values_are_refused_does_not_fail_its_neighbours()
    {
        using var batcher = Batcher();
        _session.Gated = true;
        var first = Call(batcher, 0);
        await _session.Began.WaitAsync(Cancel);
        var bad = Call(batcher, -1);
        var good = Call(batcher, 5);
        _session.Permits.Release(10);

        await Assert.ThrowsAsync<InvalidInputException>(() => bad);
        Assert.Equal(6, First(await good));
        await first;
    }

    [Fact]
    public async Task A_flood_of_one_version_does_not_starve_another()
    {
        using var flood = Batcher(new BatchingPolicy { MaxBatchSize = 1 });
        var other = new ScriptedSession
        {
            OnRun = () => _time.Advance(TimeSpan.FromMilliseconds(10)),
        };
        using var rare = Batcher(new BatchingPolicy { MaxBatchSize = 1 }, other);
        var order = new List<string>();
        _session.OnRun = () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            order.Add("flood");
        };
        other.OnRun += () => order.Add("rare");
        _session.Gated = true;
        var calls = Enumerable.Range(0, 20).Select(i => Call(flood, i)).ToList();
        await _session.Began.WaitAsync(Cancel);
        calls.AddRange(Enumerable.Range(0, 5).Select(i => Call(rare, i)));
        _session.Permits.Release(20);
        await Task.WhenAll(calls);

        // One thread, runs that take the same time: they take turns until the rare one has had all of its five.
        Assert.True(order.LastIndexOf("rare") <= 11, string.Join(' ', order));
    }

    [Fact]
    public async Task Random_arrivals_are_each_answered_once_with_their_own_rows()
    {
        await Gen.Select(Gen.Int[1, 4].Array[1, 40], Gen.Int[1, 8], Gen.Int[1, 3], Gen.Bool)
            .SampleAsync(
                async (rows, maximum, instances, inline) =>
                {
                    var session = new ScriptedSession { InlineVolume = inline ? 2 : 0 };
                    using var threads = new InferenceThreads(2, TimeProvider.System);
                    using var batcher = Batcher(
                        new BatchingPolicy { MaxBatchSize = maximum, Instances = instances },
                        session,
                        threads,
                        TimeProvider.System
                    );
                    var answers = await Task.WhenAll(
                        rows.Select(
                            (count, call) =>
                                Task.Run(async () =>
                                    await batcher.RunAsync(
                                        [Rows(call * 100, count)],
                                        [],
                                        new(),
                                        Cancel
                                    )
                                )
                        )
                    );
                    for (var call = 0; call < rows.Length; call++)
                    {
                        Assert.Equal([rows[call], 2], answers[call].Outputs[0].Shape);
                        Assert.Equal(
                            Enumerable.Range(0, 2 * rows[call]).Select(i => call * 100f + i + 1),
                            MemoryMarshal
                                .Cast<byte, float>(answers[call].Outputs[0].Data.Span)
                                .ToArray()
                        );
                        answers[call].Memory.Release();
                    }
                    Assert.All(session.Rows, run => Assert.True(run <= Math.Max(maximum, 4)));
                    Assert.Equal(rows.Sum(), session.Rows.Sum());
                },
                iter: 50
            );
    }

    private VersionBatcher Batcher(
        BatchingPolicy? policy = null,
        ScriptedSession? session = null,
        InferenceThreads? threads = null,
        TimeProvider? time = null
    )
    {
        time ??= _time;
        threads ??= _threads;
        var version = new ModelVersionId("churn", 1);
        return new VersionBatcher(
            version,
            session ?? _session,
            BatchRules.Of(
                policy ?? BatchingPolicy.Default,
                batches: true,
                threads.Count,
                time.TimestampFrequency
            ),
            new VersionCounters(version, time),
            threads,
            time
        );
    }

    private static Task<BatchAnswer> Call(
        VersionBatcher batcher,
        float value,
        InferenceParameters? parameters = null
    ) => batcher.RunAsync([Row(value)], [], parameters ?? new(), Cancel).AsTask();

    private static InferenceTensor Row(float value) => Rows(value, 1);

    private static InferenceTensor Rows(float first, int rows) =>
        TestModels.Request([.. Enumerable.Range(0, 2 * rows).Select(i => first + i)]).Inputs[0];

    private static float First(BatchAnswer answer) =>
        MemoryMarshal.Cast<byte, float>(answer.Outputs[0].Data.Span)[0];
}
