namespace OrleansMl.Core.Serving.Limits;

/// <summary>What this silo has set aside of a subject's quotas for one day. Thread-safe; allocates nothing.</summary>
internal sealed class QuotaBlock(
    DateOnly day,
    long endsAt,
    bool limitsRequests,
    bool limitsRows,
    long requests,
    long rows
)
{
    private long _requests = requests;
    private long _rows = rows;

    /// <summary>The day (UTC).</summary>
    public DateOnly Day => day;

    /// <summary>The clock's timestamp at which the day ends.</summary>
    public long EndsAt => endsAt;

    public bool LimitsRequests => limitsRequests;

    public bool LimitsRows => limitsRows;

    public long Requests => Math.Max(0, Volatile.Read(ref _requests));

    public long Rows => Math.Max(0, Volatile.Read(ref _rows));

    public bool TakeRequest(long now) =>
        !limitsRequests || (now < endsAt && Take(ref _requests, 1));

    public bool TakeRows(long count, long now) =>
        !limitsRows || (now < endsAt && Take(ref _rows, count));

    public void ReturnRequest()
    {
        if (limitsRequests)
            Interlocked.Increment(ref _requests);
    }

    /// <summary>Adds what was granted.</summary>
    public void Add(long requests, long rows)
    {
        Interlocked.Add(ref _requests, requests);
        Interlocked.Add(ref _rows, rows);
    }

    /// <summary>Takes all that is left, to give it back.</summary>
    public (long Requests, long Rows) Empty() =>
        (
            Math.Max(0, Interlocked.Exchange(ref _requests, 0)),
            Math.Max(0, Interlocked.Exchange(ref _rows, 0))
        );

    private static bool Take(ref long left, long count)
    {
        while (true)
        {
            var before = Volatile.Read(ref left);
            if (before < count)
                return false;
            if (Interlocked.CompareExchange(ref left, before - count, before) == before)
                return true;
        }
    }
}
