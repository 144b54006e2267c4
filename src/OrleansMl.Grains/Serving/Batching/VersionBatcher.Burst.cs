using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Grains.Serving.Batching;

/// <content>Calls that came to one thread at once: run together there, without another thread and without a queue.</content>
internal sealed partial class VersionBatcher
{
    /// <summary>Runs the calls of a burst, on the thread that read them; those who asked go on here with their answers.</summary>
    public void Run(List<BatchedCall> calls)
    {
        var batch = new List<BatchedCall>(calls.Count);
        List<BatchedCall>? late = null;
        for (var first = 0; first < calls.Count; )
        {
            batch.Clear();
            var now = _time.GetTimestamp();
            var group = calls[first].Group;
            var rows = 0;
            // Mostly all are of one shape; another begins the next batch.
            for (; first < calls.Count; first++)
            {
                var call = calls[first];
                if (
                    batch.Count > 0
                    && (rows + call.Rows > Rules.MaxRows || !call.Group.Equals(group))
                )
                    break;
                if (!call.TryTake())
                    continue;
                if (call.Deadline <= now)
                {
                    (late ??= []).Add(call);
                    continue;
                }
                group = call.Group;
                rows += call.Rows;
                batch.Add(call);
            }
            if (batch.Count == 0)
                continue;
            lock (_gate)
                Begin(now, rows);
            try
            {
                Execute(batch, first == calls.Count ? BatchClosing.Idle : BatchClosing.Full);
            }
            finally
            {
                _threads.AddInline(_time.GetTimestamp() - now);
                End(rows);
            }
        }
        if (late is not null)
            FailLate(late);
    }

    // Quick ones alone: they keep the thread from its sockets no longer than one by one, and are over before another had woken up.
    private bool IsForBurst(int rows)
    {
        if (!_hasRows || _session.InlineVolume == 0)
            return false;
        lock (_gate)
        {
            if (_stopped)
                throw Stopping();
            var cost = _costs.Of(rows);
            return cost > 0 && cost < _handOff && Rules.DelayTicks == 0 && rows < Rules.MaxRows;
        }
    }

    private Task<BatchAnswer> JoinAsync(
        RequestBurst burst,
        BatchedCall call,
        CancellationToken cancellationToken
    )
    {
        BurstBatch? mine = null;
        foreach (var work in burst.Work)
        {
            if (work is BurstBatch batch && batch.Batcher == this)
                mine = batch;
        }
        if (mine is null)
            burst.Add(mine = new BurstBatch(this));
        mine.Calls.Add(call);
        return AwaitAsync(call, cancellationToken);
    }
}
