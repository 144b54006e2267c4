using System.Runtime.InteropServices;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Grains.Serving.Batching;

namespace OrleansMl.Grains.Tests.Serving.Batching;

public sealed class RequestBurstTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedSession _session = new() { InlineVolume = 1 };
    private readonly InferenceThreads _threads;

    public RequestBurstTests() => _threads = new InferenceThreads(1, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _threads.Dispose();

    [Fact]
    public async Task Calls_of_a_burst_run_together_on_its_thread_at_its_end()
    {
        using var batcher = await QuickAsync(4);
        var burst = new RequestBurst();
        burst.Begin();
        var calls = Enumerable.Range(0, 6).Select(i => Call(batcher, i)).ToList();
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        burst.End();

        Assert.All(calls, call => Assert.True(call.IsCompletedSuccessfully));
        Assert.Equal([1, 4, 2], _session.Rows);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await Task.WhenAll(calls)).Select(First));
        Assert.Single(_session.Threads.Distinct());
        Assert.Empty(burst.Work);
        Assert.True(Call(batcher, 7).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_refused_call_of_a_burst_fails_alone_and_one_given_up_is_not_run()
    {
        using var batcher = await QuickAsync(8);
        using var gone = new CancellationTokenSource();
        var (left, refused, fine) = Burst();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Assert.ThrowsAsync<InvalidInputException>(() => refused);
        Assert.Equal(4, First(await fine));
        Assert.DoesNotContain(1f, _session.Firsts.Skip(1));

        // Of one thread: nothing may be awaited in it.
        (Task Left, Task Refused, Task<BatchAnswer> Fine) Burst()
        {
            var burst = new RequestBurst();
            burst.Begin();
            var abandoned = batcher.RunAsync([Row(1)], [], new(), gone.Token).AsTask();
            var wrong = Call(batcher, -1);
            var right = Call(batcher, 3);
            gone.Cancel();
            burst.End();
            return (abandoned, wrong, right);
        }
    }

    [Fact]
    public void A_burst_that_ends_on_another_thread_says_so_instead_of_leaving_calls_to_wait_for_ever()
    {
        var burst = new RequestBurst();
        var began = new Thread(burst.Begin);
        began.Start();
        began.Join();

        var error = Assert.Throws<InvalidOperationException>(burst.End);

        Assert.Contains("thread that began it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_model_does_not_join_a_burst()
    {
        using var batcher = await QuickAsync(8, microseconds: 300);
        var burst = new RequestBurst();
        burst.Begin();
        var call = Call(batcher, 1);
        Assert.Empty(burst.Work);
        burst.End();
        Assert.Equal(2, First(await call));
    }

    // One call has been measured.
    private async Task<VersionBatcher> QuickAsync(int maxRows, int microseconds = 10)
    {
        var version = new ModelVersionId("churn", 1);
        var batcher = new VersionBatcher(
            version,
            _session,
            BatchRules.Of(
                new BatchingPolicy { MaxBatchSize = maxRows },
                batches: true,
                _threads.Count,
                _time.TimestampFrequency
            ),
            new VersionCounters(version, _time),
            _threads,
            _time
        );
        _session.OnRun = () => _time.Advance(TimeSpan.FromMicroseconds(microseconds));
        await Call(batcher, 0);
        return batcher;
    }

    private static Task<BatchAnswer> Call(VersionBatcher batcher, float value) =>
        batcher.RunAsync([Row(value)], [], new(), Cancel).AsTask();

    private static InferenceTensor Row(float value) =>
        TestModels.Request([value, value + 1]).Inputs[0];

    private static float First(BatchAnswer answer) =>
        MemoryMarshal.Cast<byte, float>(answer.Outputs[0].Data.Span)[0];
}
