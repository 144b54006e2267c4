using OrleansMl.Engines.Onnx.Serving;

namespace OrleansMl.Engines.Onnx.Tests.Serving;

public sealed class CallGateTests
{
    [Fact]
    public async Task Closing_waits_until_the_last_one_inside_has_left_and_lets_no_one_in()
    {
        using var gate = new CallGate();
        Assert.True(gate.TryEnter());
        Assert.True(gate.TryEnter());

        var closing = Task.Factory.StartNew(
            gate.CloseAndWait,
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        SpinWait.SpinUntil(() =>
        {
            if (!gate.TryEnter())
                return true;
            gate.Exit();
            return false;
        });

        gate.Exit();
        Assert.False(closing.IsCompleted);
        gate.Exit();
        Assert.True(await closing);
        Assert.False(gate.CloseAndWait());
        Assert.False(gate.TryEnter());
    }
}
