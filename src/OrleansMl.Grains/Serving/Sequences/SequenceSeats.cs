namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>The sequences of a model that run, each until it leaves or was not heard of for its time. Not thread-safe.</summary>
internal sealed class SequenceSeats
{
    // A flood of refused calls must not look through all seats each time.
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, DateTimeOffset> _until = [];
    private DateTimeOffset _prunedAt;

    public int Count => _until.Count;

    /// <summary>Takes a seat, or keeps it; false when there is none.</summary>
    public bool TryEnter(string sequence, int most, TimeSpan idle, DateTimeOffset now)
    {
        if (_until.Count >= most && now - _prunedAt >= PrunePeriod)
            Prune(now);
        if (_until.Count >= most && !_until.ContainsKey(sequence))
            return false;
        _until[sequence] = now + idle;
        return true;
    }

    /// <summary>Keeps a seat, also one that was forgotten.</summary>
    public void Renew(string sequence, TimeSpan idle, DateTimeOffset now) =>
        _until[sequence] = now + idle;

    public void Leave(string sequence) => _until.Remove(sequence);

    private void Prune(DateTimeOffset now)
    {
        _prunedAt = now;
        foreach (var (sequence, until) in _until)
        {
            if (until <= now)
                _until.Remove(sequence);
        }
    }
}
