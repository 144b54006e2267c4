using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Tests.Operations;

public sealed class PoolContextTests
{
    [Fact]
    public async Task Work_stays_on_the_pool_whatever_thread_completes_what_it_awaits()
    {
        var gate = new TaskCompletionSource();
        var work = PoolContext.RunAsync(
            async gate =>
            {
                Assert.True(Thread.CurrentThread.IsThreadPoolThread);
                await gate.Task;
                Assert.True(Thread.CurrentThread.IsThreadPoolThread);
                Assert.IsType<PoolContext>(SynchronizationContext.Current);
            },
            gate
        );

        // As a socket's watching thread does.
        var thread = new Thread(() => gate.SetResult());
        thread.Start();
        thread.Join();
        await work;
    }

    [Fact]
    public async Task Whoever_awaits_the_work_goes_on_without_the_context()
    {
        SynchronizationContext? after = null;
        async Task ServeAsync()
        {
            await PoolContext.RunAsync(_ => Task.CompletedTask, 0);
            after = SynchronizationContext.Current;
        }

        await Task.Run(ServeAsync, TestContext.Current.CancellationToken);

        Assert.Null(after);
    }

    [Fact]
    public async Task Errors_and_cancellations_come_out_as_they_are()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            PoolContext.RunAsync(_ => throw new InvalidDataException("x"), 0)
        );
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            PoolContext.RunAsync(Task.FromCanceled, stop.Token)
        );
        Assert.Equal(stop.Token, thrown.CancellationToken);
    }

    [Fact]
    public async Task What_flows_with_a_request_flows_to_the_pool()
    {
        var flowing = new AsyncLocal<string> { Value = "here" };
        string? seen = null;

        await PoolContext.RunAsync(
            _ =>
            {
                seen = flowing.Value;
                return Task.CompletedTask;
            },
            0
        );

        Assert.Equal("here", seen);
    }
}
