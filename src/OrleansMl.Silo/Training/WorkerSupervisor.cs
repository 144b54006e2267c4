using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;

namespace OrleansMl.Silo.Training;

/// <summary>This silo's slots and the attempt on each. Thread-safe.</summary>
internal sealed class WorkerSupervisor : IWorkerSupervisor
{
    private readonly SupervisorServices _services;
    private readonly Lock _lock = new();
    private readonly List<Slot> _slots;
    private readonly Dictionary<AttemptSession, Task> _open = [];
    private bool _draining;

    /// <summary>Makes slots <c>silo/device</c> for the devices.</summary>
    public WorkerSupervisor(SupervisorServices services, string silo, IReadOnlyList<string> devices)
    {
        _services = services;
        _slots =
        [
            .. devices.Select(device => new Slot(
                $"{silo}/{device}",
                device,
                device[..device.IndexOf(':', StringComparison.Ordinal)]
            )),
        ];
    }

    /// <summary>Raised when a slot begins or ends an attempt, or the silo begins to drain; must return at once.</summary>
    public event EventHandler? Changed;

    /// <summary>Whether the silo is leaving and takes no attempts.</summary>
    public bool Draining
    {
        get
        {
            lock (_lock)
                return _draining;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<SlotReport> Slots
    {
        get
        {
            lock (_lock)
                return
                [
                    .. _slots.Select(slot => new SlotReport
                    {
                        Slot = slot.Id,
                        Accelerator = slot.Accelerator,
                        Run = slot.Session?.Assignment.Run,
                        Attempt = slot.Session?.Assignment.Attempt ?? 0,
                    }),
                ];
        }
    }

    /// <inheritdoc/>
    public void Start(string slot, AttemptAssignment assignment)
    {
        lock (_lock)
        {
            var target = Find(slot);
            if (_draining)
                throw new UnavailableException(
                    $"Slot '{slot}' takes no attempts: its silo is leaving the cluster."
                );
            var deviceFree = Task.CompletedTask;
            if (target.Session is { } current)
            {
                if (
                    current.Assignment.Run == assignment.Run
                    && current.Assignment.Attempt >= assignment.Attempt
                )
                    return;
                deviceFree = current.WorkerEnded;
                if (!deviceFree.IsCompleted)
                {
                    // A newer attempt of the same run proves that the one at work is stale.
                    if (current.Assignment.Run != assignment.Run)
                        throw new ConflictException(
                            $"Slot '{slot}' works on attempt {current.Assignment.Attempt} of run '{current.Assignment.Run}': expected an idle slot for run '{assignment.Run}'."
                        );
                    current.Kill(AttemptVerdict.Stale);
                }
            }
            var session = new AttemptSession(_services, slot, target.Device, assignment);
            target.Session = session;
            _open.Add(session, Task.Run(() => RunAsync(target, session, deviceFree)));
        }
        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <inheritdoc/>
    public async Task StopAsync(
        string slot,
        TrainingRunId run,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        Task ended;
        lock (_lock)
        {
            if (
                Find(slot).Session is not { } session
                || session.Assignment.Run != run
                || session.Assignment.Attempt != attempt
            )
                return;
            session.RequestStop(AttemptVerdict.Cancelled);
            ended = session.WorkerEnded;
        }
        await ended.WaitAsync(cancellationToken);
    }

    /// <summary>Takes no more attempts, lets every worker write a checkpoint and hand over, and kills those that are late. Ends when all was reported or given up.</summary>
    public async Task DrainAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        KeyValuePair<AttemptSession, Task>[] open;
        lock (_lock)
        {
            _draining = true;
            open = [.. _open];
        }
        Changed?.Invoke(this, EventArgs.Empty);
        foreach (var (session, _) in open)
            session.RequestHandOver();
        var all = Task.WhenAll(open.Select(entry => entry.Value));
        try
        {
            await all.WaitAsync(patience, _services.Time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            foreach (var (session, task) in open)
            {
                if (!task.IsCompleted)
                    session.Abandon(AttemptVerdict.SiloLeft);
            }
            await all;
        }
    }

    private async Task RunAsync(Slot slot, AttemptSession session, Task deviceFree)
    {
        using (session)
        {
            await session.RunAsync(deviceFree);
            lock (_lock)
            {
                _open.Remove(session);
                if (slot.Session == session)
                    slot.Session = null;
            }
        }
        Changed?.Invoke(this, EventArgs.Empty);
    }

    private Slot Find(string id) =>
        _slots.Find(slot => slot.Id == id)
        ?? throw new NotFoundException(
            $"This silo has no slot '{id}': it has {string.Join(", ", _slots.Select(slot => $"'{slot.Id}'"))}."
        );

    private sealed class Slot(string id, string device, string accelerator)
    {
        public string Id { get; } = id;

        public string Device { get; } = device;

        public string Accelerator { get; } = accelerator;

        public AttemptSession? Session { get; set; }
    }
}
