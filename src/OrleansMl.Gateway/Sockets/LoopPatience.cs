using System.Diagnostics;

namespace OrleansMl.Gateway.Sockets;

/// <summary>
/// How long a loop looks for events before it sleeps: 50 µs while that pays, as with callers that ask again at once. Each time in
/// vain makes the next tries rarer, down to one in 64, so that a loop whose events come far apart sleeps.
/// </summary>
internal struct LoopPatience
{
    internal const int MostSkips = 63;
    internal static readonly long Longest = Stopwatch.Frequency / 20_000;

    private long _until;
    private int _skips;
    private int _left;

    /// <summary>Whether to look before sleeping this time.</summary>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    public bool Begin(long now)
    {
        if (_left > 0)
        {
            _left--;
            return false;
        }
        _until = now + Longest;
        return true;
    }

    /// <summary>Whether to look once more.</summary>
    public bool Lasts(long now)
    {
        if (now < _until)
            return true;
        _skips = Math.Min(2 * _skips + 1, MostSkips);
        _left = _skips;
        return false;
    }

    /// <summary>An event came in time.</summary>
    public void Paid() => _skips = 0;
}
