namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>A clock that a test sets forward.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private long _now = 1_000_000_000;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Step(double seconds) => _now += TimeSpan.FromSeconds(seconds).Ticks;
}
