using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace OrleansMl.Client.Tests;

/// <summary>A clock that stands still until a test moves it, and that tells which timers were set: a test waits for a timer, then moves past it.</summary>
internal sealed class ManualClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    )
    {
        var timer = new NotedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        Note(dueTime);
        return timer;
    }

    /// <summary>Waits until a timer of a wanted duration was set, passing over others.</summary>
    public async Task<TimeSpan> TimerAsync(Func<TimeSpan, bool> wanted)
    {
        await foreach (
            var due in _timers.Reader.ReadAllAsync(TestContext.Current.CancellationToken)
        )
        {
            if (wanted(due))
                return due;
        }
        throw new InvalidOperationException("the clock is gone.");
    }

    /// <summary>Waits for a timer and moves the clock to it.</summary>
    public async Task<TimeSpan> PassAsync(Func<TimeSpan, bool> wanted)
    {
        var due = await TimerAsync(wanted);
        Advance(due);
        return due;
    }

    private void Note(TimeSpan due)
    {
        if (due > TimeSpan.Zero)
            _timers.Writer.TryWrite(due);
    }

    private sealed class NotedTimer(ManualClock clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            clock.Note(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
