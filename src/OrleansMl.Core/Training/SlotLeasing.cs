using System.Globalization;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>
/// The queue and the leases of the pool: who waits, which slot works for whom. At no time has a slot two leases or a run
/// two slots; among runs that a free slot suits, the one that came first gets it. Queue and leases are to be kept by the
/// caller, silos' reports are not: after a restart every lease has a whole expiry to be renewed in. Not thread-safe.
/// </summary>
public sealed class SlotLeasing
{
    private readonly SlotLeasingRules _rules;
    private readonly SortedDictionary<long, QueuedRun> _queue = [];
    private readonly Dictionary<TrainingRunId, long> _tickets = [];
    private readonly Dictionary<string, SlotLease> _leasesBySlot = [];
    private readonly Dictionary<TrainingRunId, SlotLease> _leasesByRun = [];
    private readonly Dictionary<string, SlotLeaseTimes> _times = [];
    private readonly Dictionary<string, ReportedSilo> _silos = [];
    private readonly Dictionary<string, DateTimeOffset> _cooling = [];

    // Slots that no report showed since their lease ended: what is known of them is older than that.
    private readonly HashSet<string> _unseen = [];
    private readonly Dictionary<TrainingRunId, DateTimeOffset> _delayed = [];

    /// <summary>Goes on from what was kept.</summary>
    public SlotLeasing(
        SlotLeasingRules rules,
        long lastTicket,
        long lastLease,
        IEnumerable<QueuedRun> queue,
        IEnumerable<SlotLease> leases,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(leases);
        _rules = rules;
        LastTicket = lastTicket;
        LastLease = lastLease;
        foreach (var lease in leases)
            AddLease(lease, now);
        foreach (var waiting in queue)
            AddToQueue(waiting);
    }

    /// <summary>The newest place given; to be kept.</summary>
    public long LastTicket { get; private set; }

    /// <summary>The newest lease's number; to be kept.</summary>
    public long LastLease { get; private set; }

    /// <summary>Waiting runs, next first; to be kept.</summary>
    public IReadOnlyCollection<QueuedRun> Queue => _queue.Values;

    /// <summary>Leases; to be kept.</summary>
    public IReadOnlyCollection<SlotLease> Leases => _leasesByRun.Values;

    /// <summary>Grows with each change of what is to be kept.</summary>
    public long Revision { get; private set; }

    /// <summary>Whether the run waits or has a slot.</summary>
    public bool Knows(TrainingRunId run) =>
        _tickets.ContainsKey(run) || _leasesByRun.ContainsKey(run);

    /// <summary>The run's lease.</summary>
    public SlotLease? FindLease(TrainingRunId run) => _leasesByRun.GetValueOrDefault(run);

    /// <summary>The run's place, 1 is next; null when it does not wait.</summary>
    public int? Position(TrainingRunId run)
    {
        if (!_tickets.TryGetValue(run, out var ticket))
            return null;
        var position = 1;
        foreach (var other in _queue.Keys)
        {
            if (other == ticket)
                return position;
            position++;
        }
        return null;
    }

    /// <summary>Queues a run at the end; one that waits or has a slot stays where it is. False: the queue is full.</summary>
    public bool Enqueue(
        TrainingRunId run,
        string accelerator,
        IReadOnlyDictionary<string, string> requiredLabels,
        int limit
    )
    {
        if (Knows(run))
            return true;
        if (_queue.Count >= limit)
            return false;
        AddToQueue(
            new QueuedRun
            {
                Ticket = ++LastTicket,
                Run = run,
                Accelerator = accelerator,
                RequiredLabels = requiredLabels,
            }
        );
        return true;
    }

    /// <summary>Takes a run out of the queue and ends its lease, which is returned.</summary>
    public SlotLease? Remove(TrainingRunId run)
    {
        if (_tickets.TryGetValue(run, out var ticket))
            TakeFromQueue(_queue[ticket]);
        _delayed.Remove(run);
        if (!_leasesByRun.TryGetValue(run, out var lease))
            return null;
        DropLease(lease);
        return lease;
    }

    /// <summary>An attempt ended by itself: its lease ends, and the run waits again at its old place if it is to go on.</summary>
    public void End(TrainingRunId run, int attempt, bool requeue)
    {
        if (_leasesByRun.TryGetValue(run, out var lease) && lease.Attempt == attempt)
        {
            DropLease(lease);
            if (requeue)
                AddToQueue(Waiting(lease, 0, ""));
        }
        else if (_tickets.TryGetValue(run, out var ticket))
        {
            var waiting = _queue[ticket];
            if (!requeue)
                TakeFromQueue(waiting);
            else if (waiting.LostAttempt > 0 && waiting.LostAttempt <= attempt)
                AddToQueue(waiting with { LostAttempt = 0, LostReason = "" });
        }
    }

    /// <summary>The run was told that it lost an attempt.</summary>
    public void AcknowledgeLoss(TrainingRunId run, int attempt)
    {
        if (_tickets.TryGetValue(run, out var ticket) && _queue[ticket].LostAttempt == attempt)
            AddToQueue(_queue[ticket] with { LostAttempt = 0, LostReason = "" });
    }

    /// <summary>Takes a silo's report in: renews the leases of what it works on and returns those that are lost, whose runs wait again.</summary>
    public IReadOnlyList<LostLease> Observe(SiloSlotsReport report, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (
            _silos.TryGetValue(report.Silo, out var known)
            && known.Report.Incarnation > report.Incarnation
        )
            return [];
        _silos[report.Silo] = new ReportedSilo(report, now);
        _unseen.RemoveWhere(slot => slot.StartsWith($"{report.Silo}/", StringComparison.Ordinal));
        List<LostLease> lost = [];
        var slots = report.Slots.DistinctBy(s => s.Slot).ToDictionary(s => s.Slot);
        foreach (var lease in _leasesByRun.Values.Where(l => l.Silo == report.Silo).ToList())
        {
            if (lease.Incarnation != report.Incarnation)
            {
                if (lease.Incarnation < report.Incarnation)
                    lost.Add(
                        new LostLease(lease, $"silo {lease.Silo} started anew while it worked")
                    );
                continue;
            }
            var times = _times[lease.LeaseId];
            var works =
                slots.TryGetValue(lease.Slot, out var slot)
                && slot.Run == lease.Run
                && (slot.Attempt == lease.Attempt || lease.Attempt == 0);
            if (works)
                _times[lease.LeaseId] = times with { RenewedAt = now };
            else if (now - times.GrantedAt >= _rules.IdleGrace)
                lost.Add(
                    new LostLease(
                        lease,
                        slot?.Run is { } other
                            ? $"slot {lease.Slot} works on {other} attempt {slot.Attempt}"
                            : $"slot {lease.Slot} no longer works on the attempt"
                    )
                );
        }
        foreach (var loss in lost)
            Lose(loss);
        return lost;
    }

    /// <summary>Ends leases that were not renewed in time; their runs wait again.</summary>
    public IReadOnlyList<LostLease> Expire(DateTimeOffset now)
    {
        var lost = _leasesByRun
            .Values.Where(lease => now - _times[lease.LeaseId].RenewedAt >= _rules.Expiry)
            .Select(lease => new LostLease(
                lease,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"silo {lease.Silo} did not renew the lease of {lease.Slot} for {_rules.Expiry.TotalSeconds:0.###} s"
                )
            ))
            .ToList();
        foreach (var loss in lost)
            Lose(loss);
        foreach (
            var silo in _silos.Where(s => now - s.Value.ReportedAt >= 10 * _rules.Expiry).ToList()
        )
        {
            _silos.Remove(silo.Key);
            _unseen.RemoveWhere(slot => slot.StartsWith($"{silo.Key}/", StringComparison.Ordinal));
        }
        foreach (var cooled in _cooling.Where(c => c.Value <= now).ToList())
            _cooling.Remove(cooled.Key);
        foreach (var delayed in _delayed.Where(d => d.Value <= now).ToList())
            _delayed.Remove(delayed.Key);
        return lost;
    }

    /// <summary>Leases free slots to waiting runs, in the order in which they came, passing over runs that no free slot suits.</summary>
    public IReadOnlyList<SlotLease> Grant(DateTimeOffset now)
    {
        var free = FreeSlots(now).ToList();
        List<SlotLease> granted = [];
        foreach (var waiting in _queue.Values.ToList())
        {
            if (free.Count == 0)
                break;
            // A run that has still to hear that its last attempt is lost would refuse a new one.
            if (
                waiting.LostAttempt > 0
                || (_delayed.TryGetValue(waiting.Run, out var until) && until > now)
            )
                continue;
            var index = free.FindIndex(slot => Suits(waiting, slot));
            if (index < 0)
                continue;
            var (silo, slot) = free[index];
            free.RemoveAt(index);
            TakeFromQueue(waiting);
            var lease = new SlotLease
            {
                LeaseId = string.Create(CultureInfo.InvariantCulture, $"lease-{++LastLease}"),
                Ticket = waiting.Ticket,
                Run = waiting.Run,
                Slot = slot.Slot,
                Silo = silo.Silo,
                Incarnation = silo.Incarnation,
                Accelerator = waiting.Accelerator,
                RequiredLabels = waiting.RequiredLabels,
            };
            AddLease(lease, now);
            granted.Add(lease);
        }
        return granted;
    }

    /// <summary>Notes the attempt that began under a lease; false when the lease is gone by now.</summary>
    public bool Begin(string leaseId, TrainingRunId run, int attempt)
    {
        if (!_leasesByRun.TryGetValue(run, out var lease) || lease.LeaseId != leaseId)
            return false;
        if (lease.Attempt == attempt)
            return true;
        var begun = lease with { Attempt = attempt };
        _leasesByRun[run] = begun;
        _leasesBySlot[lease.Slot] = begun;
        Revision++;
        return true;
    }

    /// <summary>Takes a lease back whose attempt could not be started. The run waits again, for at least the delay, and the slot gets no work for as long.</summary>
    public void TakeBack(string leaseId, TrainingRunId run, string reason, DateTimeOffset until)
    {
        if (!_leasesByRun.TryGetValue(run, out var lease) || lease.LeaseId != leaseId)
            return;
        Lose(new LostLease(lease, reason));
        _cooling[lease.Slot] = until;
        _delayed[run] = until;
    }

    /// <summary>Slots of silos that were heard from in time, and their holders, by slot.</summary>
    public IReadOnlyList<SlotSnapshot> Slots(DateTimeOffset now) =>
        [
            .. from silo in _silos.Values
            where now - silo.ReportedAt < _rules.Expiry
            from slot in silo.Report.Slots.DistinctBy(s => s.Slot)
            let lease = _leasesBySlot.GetValueOrDefault(slot.Slot)
            orderby slot.Slot
            select new SlotSnapshot
            {
                Slot = slot.Slot,
                Accelerator = slot.Accelerator,
                Run = lease?.Run ?? slot.Run,
                Attempt = lease?.Attempt ?? slot.Attempt,
                Draining = silo.Report.Draining,
                SecondsSinceHeartbeat = (now - silo.ReportedAt).TotalSeconds,
            },
        ];

    private IEnumerable<(SiloSlotsReport Silo, SlotReport Slot)> FreeSlots(DateTimeOffset now) =>
        from silo in _silos.Values
        where !silo.Report.Draining && now - silo.ReportedAt < _rules.Expiry
        from slot in silo.Report.Slots.DistinctBy(s => s.Slot)
        where
            slot.Run is null
            && !_leasesBySlot.ContainsKey(slot.Slot)
            && !_unseen.Contains(slot.Slot)
            && !(_cooling.TryGetValue(slot.Slot, out var until) && until > now)
        orderby slot.Slot
        select (silo.Report, slot);

    private static bool Suits(QueuedRun run, (SiloSlotsReport Silo, SlotReport Slot) free) =>
        free.Slot.Accelerator == run.Accelerator
        && run.RequiredLabels.All(label =>
            free.Silo.Labels.TryGetValue(label.Key, out var value) && value == label.Value
        );

    private void Lose(LostLease loss)
    {
        DropLease(loss.Lease);
        AddToQueue(Waiting(loss.Lease, loss.Lease.Attempt, loss.Reason));
    }

    private static QueuedRun Waiting(SlotLease lease, int lostAttempt, string reason) =>
        new()
        {
            Ticket = lease.Ticket,
            Run = lease.Run,
            Accelerator = lease.Accelerator,
            RequiredLabels = lease.RequiredLabels,
            LostAttempt = lostAttempt,
            LostReason = lostAttempt > 0 ? reason : "",
        };

    private void AddToQueue(QueuedRun waiting)
    {
        _queue[waiting.Ticket] = waiting;
        _tickets[waiting.Run] = waiting.Ticket;
        Revision++;
    }

    private void TakeFromQueue(QueuedRun waiting)
    {
        _queue.Remove(waiting.Ticket);
        _tickets.Remove(waiting.Run);
        Revision++;
    }

    private void AddLease(SlotLease lease, DateTimeOffset now)
    {
        _leasesBySlot.Add(lease.Slot, lease);
        _leasesByRun.Add(lease.Run, lease);
        _times[lease.LeaseId] = new SlotLeaseTimes(now, now);
        Revision++;
    }

    private void DropLease(SlotLease lease)
    {
        _leasesBySlot.Remove(lease.Slot);
        _leasesByRun.Remove(lease.Run);
        _times.Remove(lease.LeaseId);
        _unseen.Add(lease.Slot);
        Revision++;
    }

    private sealed record ReportedSilo(SiloSlotsReport Report, DateTimeOffset ReportedAt);

    private sealed record SlotLeaseTimes(DateTimeOffset GrantedAt, DateTimeOffset RenewedAt);
}
