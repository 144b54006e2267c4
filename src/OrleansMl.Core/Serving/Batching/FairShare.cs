namespace OrleansMl.Core.Serving.Batching;

/// <summary>
/// Who runs next when several want to: whoever has run for the shortest time so far. A run is charged with what it is expected to take when it begins
/// and with what it took when it ends. Who comes back after a pause starts level with the others: time not used is not saved
/// up. Not thread-safe.
/// </summary>
public sealed class FairShare<T>
    where T : class
{
    private readonly SortedSet<FairShareSeat<T>> _waiting = new(FairShareSeat<T>.Order);
    private long _floor;
    private long _turns;

    /// <summary>How many wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Lets a seat wait for a turn; false when it does already.</summary>
    public bool Add(FairShareSeat<T> seat)
    {
        ArgumentNullException.ThrowIfNull(seat);
        if (seat.IsWaiting)
            return false;
        seat.Served = Math.Max(seat.Served, _floor);
        seat.Turn = ++_turns;
        seat.IsWaiting = true;
        return _waiting.Add(seat);
    }

    /// <summary>Takes the seat served least out; null when none waits.</summary>
    public FairShareSeat<T>? Next()
    {
        if (_waiting.Min is not { } seat)
            return null;
        _waiting.Remove(seat);
        seat.IsWaiting = false;
        _floor = Math.Max(_floor, seat.Served);
        return seat;
    }

    /// <summary>Charges a seat; a negative time gives back.</summary>
    public void Charge(FairShareSeat<T> seat, long ticks)
    {
        ArgumentNullException.ThrowIfNull(seat);
        // The order depends on it.
        if (seat.IsWaiting)
            _waiting.Remove(seat);
        seat.Served = Math.Max(0, seat.Served + ticks);
        if (seat.IsWaiting)
            _waiting.Add(seat);
    }

    /// <summary>Takes a seat out, if it waits.</summary>
    public void Remove(FairShareSeat<T> seat)
    {
        ArgumentNullException.ThrowIfNull(seat);
        if (!seat.IsWaiting)
            return;
        _waiting.Remove(seat);
        seat.IsWaiting = false;
    }
}
