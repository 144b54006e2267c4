namespace OrleansMl.Core.Serving.Batching;

/// <summary>
/// The calls that wait at a version, by priority and then by arrival, and the decisions on them: when the next batch is closed and
/// who is in it. Calls given up by their callers are dropped when their turn comes. Not thread-safe.
/// </summary>
public sealed class BatchQueue<T>
    where T : class, IBatchItem
{
    // By level; the lists of levels that nobody used are not there.
    private Level?[] _levels = [];

    /// <summary>Calls in it, those given up but not dropped yet included.</summary>
    public int Count { get; private set; }

    /// <summary>Their rows.</summary>
    public long Rows { get; private set; }

    /// <summary>No call's deadline is before this; <see cref="long.MaxValue"/>: nobody has one.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    /// <summary>Adds a call at the end of its level.</summary>
    public void Add(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Priority >= _levels.Length)
            Array.Resize(ref _levels, item.Priority + 1);
        var level = _levels[item.Priority] ??= new Level();
        level.Items.AddLast(item);
        level.Rows += item.Rows;
        Rows += item.Rows;
        Count++;
        NextDeadline = Math.Min(NextDeadline, item.Deadline);
    }

    /// <summary>How many calls, with how many rows, are taken before a new one of a level.</summary>
    public (int Calls, long Rows) Ahead(int priority)
    {
        var calls = 0;
        var rows = 0L;
        for (var i = 0; i <= priority && i < _levels.Length; i++)
        {
            if (_levels[i] is not { } level)
                continue;
            calls += level.Items.Count;
            rows += level.Rows;
        }
        return (calls, rows);
    }

    /// <summary>
    /// When the next batch is to be closed: now or before, at a time to come, or <see cref="long.MaxValue"/> when nobody waits. Without a delay
    /// that is at once. <paramref name="closing"/> says why where waiting for others was what ended.
    /// </summary>
    public long CloseAt(BatchRules rules, BatchCostTable costs, out BatchClosing? closing)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(costs);
        closing = null;
        if (Count == 0)
            return long.MaxValue;
        if (rules.DelayTicks == 0)
            return long.MinValue;
        BatchGroup? group = null;
        var rows = 0L;
        var oldest = long.MaxValue;
        var deadline = long.MaxValue;
        foreach (var level in _levels)
        {
            if (level is null)
                continue;
            foreach (var item in level.Items)
            {
                group ??= item.Group;
                oldest = Math.Min(oldest, item.ArrivedAt);
                deadline = Math.Min(deadline, item.Deadline);
                if (item.Group.Equals(group))
                    rows += item.Rows;
                if (rows >= rules.MaxRows)
                    return long.MinValue;
            }
        }
        var delayed = oldest + rules.DelayTicks;
        var latest =
            deadline == long.MaxValue ? long.MaxValue : deadline - costs.AtLeast((int)rows);
        closing = delayed <= latest ? BatchClosing.Delay : BatchClosing.Deadline;
        return Math.Min(delayed, latest);
    }

    /// <summary>Takes the next batch: the first call, and those of its group after it while they fit.</summary>
    /// <param name="now">The clock's timestamp: who can't begin by then is late.</param>
    /// <param name="maxRows">Rows at most; a first call that has more goes alone.</param>
    /// <param name="batch">Gets the batch; empty when nobody is left.</param>
    /// <param name="late">Gets the calls that came too late, taken from their callers.</param>
    public BatchClosing Take(long now, int maxRows, ICollection<T> batch, ICollection<T> late)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(late);
        var rows = 0L;
        BatchGroup? group = null;
        var others = false;
        foreach (var level in _levels)
        {
            for (var node = level?.Items.First; node is not null; )
            {
                var (item, next) = (node.Value, node.Next);
                if (item.Deadline <= now)
                {
                    Remove(level!, node);
                    if (item.TryTake())
                        late.Add(item);
                }
                else if (group is not null && !item.Group.Equals(group))
                {
                    others = true;
                }
                else if (group is not null && rows + item.Rows > maxRows)
                {
                    return BatchClosing.Full;
                }
                else
                {
                    Remove(level!, node);
                    if (item.TryTake())
                    {
                        batch.Add(item);
                        group = item.Group;
                        rows += item.Rows;
                        if (rows >= maxRows)
                            return BatchClosing.Full;
                    }
                }
                node = next;
            }
        }
        return others ? BatchClosing.Shape : BatchClosing.Idle;
    }

    /// <summary>Takes those who came too late out.</summary>
    public void Expire(long now, ICollection<T> late)
    {
        ArgumentNullException.ThrowIfNull(late);
        var next = long.MaxValue;
        foreach (var level in _levels)
        {
            for (var node = level?.Items.First; node is not null; )
            {
                var (item, following) = (node.Value, node.Next);
                if (item.Deadline <= now)
                {
                    Remove(level!, node);
                    if (item.TryTake())
                        late.Add(item);
                }
                else
                {
                    next = Math.Min(next, item.Deadline);
                }
                node = following;
            }
        }
        NextDeadline = next;
    }

    /// <summary>Takes everyone out.</summary>
    public void Clear(ICollection<T> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        foreach (var level in _levels)
        {
            while (level?.Items.First is { } node)
            {
                Remove(level, node);
                if (node.Value.TryTake())
                    taken.Add(node.Value);
            }
        }
    }

    private void Remove(Level level, LinkedListNode<T> node)
    {
        level.Items.Remove(node);
        level.Rows -= node.Value.Rows;
        Rows -= node.Value.Rows;
        if (--Count == 0)
            NextDeadline = long.MaxValue;
    }

    private sealed class Level
    {
        public LinkedList<T> Items { get; } = new();

        public long Rows { get; set; }
    }
}
