using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Training;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

/// <summary>
/// The queue and the leases of compute slots. Runs call the pool and the pool calls runs, so no request of the pool ever
/// waits for a run or a slot: a request changes the ledger, waits until that is durable, and answers. Runs and slots are
/// called from tasks of the activation that belong to no request (<see cref="Kick"/>), and only after the lease that they
/// act on was written.
/// </summary>
[GrainType("training-pool")]
[Immovable]
internal sealed partial class TrainingPoolGrain
    : Grain,
        ITrainingPoolGrain,
        ITrainingPoolLeases,
        IDisposable
{
    private const int ReconcilePage = 1_000;
    private readonly DurableState<TrainingPoolState> _state;
    private readonly ICatalog _catalog;
    private readonly TrainingPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HashSet<string> _starting = [];
    private readonly HashSet<TrainingRunId> _telling = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private SlotLeasing _leasing = null!;
    private long _savedRevision;
    private Task? _write;
    private bool _pumping;
    private bool _again;
    private bool _reconciling;
    private DateTimeOffset _reconcileAt;

    public TrainingPoolGrain(
        [PersistentState("training-pool", GrainStorageNames.Default)]
            IPersistentState<TrainingPoolState> state,
        ICatalog catalog,
        IOptions<TrainingPoolOptions> options,
        TimeProvider time,
        ILogger<TrainingPoolGrain> logger
    )
    {
        _state = new DurableState<TrainingPoolState>(state, GrainContext, logger);
        _catalog = catalog;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _stopped = _stopping.Token;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        var now = _time.GetUtcNow();
        _leasing = new SlotLeasing(
            new SlotLeasingRules(_options.LeaseExpiry, _options.IdleGrace),
            state.LastTicket,
            state.LastLease,
            state.Queue,
            state.Leases,
            now
        );
        _savedRevision = _leasing.Revision;
        _reconcileAt = now;
        this.RegisterGrainTimer(
            Tick,
            new GrainTimerCreationOptions(_options.CheckPeriod, _options.CheckPeriod)
            {
                Interleave = true,
                KeepAlive = true,
            }
        );
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    ) => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();

    public async Task EnqueueAsync(
        TrainingRunId run,
        string accelerator,
        IReadOnlyDictionary<string, string> requiredLabels,
        CancellationToken cancellationToken
    )
    {
        if (!_leasing.Enqueue(run, accelerator, requiredLabels, _options.QueueLimit))
            throw new OverloadedException(
                $"The training queue is full: {_leasing.Queue.Count} runs wait, the limit is {_options.QueueLimit}; submit run '{run}' again later."
            );
        await SaveAsync();
        Kick();
    }

    public async Task RemoveAsync(TrainingRunId run, CancellationToken cancellationToken)
    {
        var lease = _leasing.Remove(run);
        await SaveAsync();
        if (lease is { Attempt: > 0 })
            _ = StopAsync(lease);
        Kick();
    }

    public async Task EndLeaseAsync(
        TrainingRunId run,
        int attempt,
        bool requeue,
        string accelerator,
        IReadOnlyDictionary<string, string> requiredLabels,
        CancellationToken cancellationToken
    )
    {
        _leasing.End(run, attempt, requeue);
        // A run that was accepted once is never refused: the limit is for new ones.
        if (requeue)
            _leasing.Enqueue(run, accelerator, requiredLabels, int.MaxValue);
        await SaveAsync();
        Kick();
    }

    public Task<int?> GetPositionAsync(TrainingRunId run, CancellationToken cancellationToken) =>
        Task.FromResult(_leasing.Position(run));

    public async Task ReportSlotsAsync(SiloSlotsReport report, CancellationToken cancellationToken)
    {
        SlotReports.Check(report);
        LogLost(_leasing.Observe(report, _time.GetUtcNow()));
        await SaveAsync();
        Kick();
    }

    public Task<TrainingPoolSnapshot> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
            new TrainingPoolSnapshot
            {
                Slots = _leasing.Slots(_time.GetUtcNow()),
                Queue = [.. _leasing.Queue.Select(waiting => waiting.Run)],
                QueueLimit = _options.QueueLimit,
            }
        );

    private Task Tick(CancellationToken cancellationToken)
    {
        Kick();
        if (!_reconciling && _time.GetUtcNow() >= _reconcileAt)
            _ = ReconcileAsync();
        return Task.CompletedTask;
    }

    /// <summary>Looks for work until there is none: one such task at a time, on the activation's scheduler.</summary>
    private void Kick()
    {
        _again = true;
        if (!_pumping)
            _ = PumpAsync();
    }

    private async Task PumpAsync()
    {
        _pumping = true;
        try
        {
            while (_again && !_stopped.IsCancellationRequested)
            {
                _again = false;
                LogLost(_leasing.Expire(_time.GetUtcNow()));
                foreach (var lease in _leasing.Grant(_time.GetUtcNow()))
                    LogGranted(_logger, lease.Run, lease.Slot, lease.LeaseId);
                await SaveAsync();
                foreach (var lease in _leasing.Leases.ToList())
                {
                    if (lease.Attempt == 0 && _starting.Add(lease.LeaseId))
                        _ = StartAsync(lease);
                }
                foreach (var waiting in _leasing.Queue.ToList())
                {
                    if (waiting.LostAttempt > 0 && _telling.Add(waiting.Run))
                        _ = TellLostAsync(waiting);
                }
            }
        }
        catch (UnavailableException error)
        {
            // The activation ends; the next one goes on from what was written.
            LogSaveFailed(_logger, error);
        }
        finally
        {
            _pumping = false;
        }
    }

    private async Task StartAsync(SlotLease lease)
    {
        try
        {
            var run = Run(lease.Run);
            AttemptAssignment? assignment;
            try
            {
                assignment = await run.BeginAttemptAsync(lease.Slot, lease.LeaseId, _stopped);
            }
            catch (Exception error)
            {
                await TakeBackAsync(lease, error);
                return;
            }
            if (assignment is null)
            {
                // The run ended, or was cancelled, while it waited.
                if (_leasing.FindLease(lease.Run)?.LeaseId == lease.LeaseId)
                    _leasing.Remove(lease.Run);
                await SaveAsync();
                return;
            }
            if (!_leasing.Begin(lease.LeaseId, lease.Run, assignment.Attempt))
            {
                await run.EndAttemptAsync(
                    Lost(assignment.Attempt, "its lease was lost before it began"),
                    _stopped
                );
                return;
            }
            await SaveAsync();
            try
            {
                await GrainFactory
                    .GetGrain<IComputeSlotGrain>(lease.Slot)
                    .StartAsync(assignment, _stopped);
                LogStarted(_logger, lease.Run, assignment.Attempt, lease.Slot);
            }
            catch (Exception error)
            {
                await TakeBackAsync(lease, error);
            }
        }
        catch (Exception error)
        {
            // What is left undone is found by the next look or the reconciliation.
            LogStartFailed(_logger, error, lease.Run, lease.Slot);
        }
        finally
        {
            _starting.Remove(lease.LeaseId);
            Kick();
        }
    }

    private async Task TakeBackAsync(SlotLease lease, Exception error)
    {
        LogStartFailed(_logger, error, lease.Run, lease.Slot);
        _leasing.TakeBack(
            lease.LeaseId,
            lease.Run,
            $"it could not be started on {lease.Slot}: {error.Message}",
            _time.GetUtcNow() + _options.StartRetryDelay
        );
        await SaveAsync();
    }

    private async Task TellLostAsync(QueuedRun waiting)
    {
        try
        {
            await Run(waiting.Run)
                .EndAttemptAsync(Lost(waiting.LostAttempt, waiting.LostReason), _stopped);
            _leasing.AcknowledgeLoss(waiting.Run, waiting.LostAttempt);
            await SaveAsync();
            _telling.Remove(waiting.Run);
            Kick();
        }
        catch (Exception error)
        {
            // Not kicked: the next tick tells it again.
            LogTellFailed(_logger, error, waiting.Run, waiting.LostAttempt);
            _telling.Remove(waiting.Run);
        }
    }

    private async Task StopAsync(SlotLease lease)
    {
        try
        {
            await GrainFactory
                .GetGrain<IComputeSlotGrain>(lease.Slot)
                .StopAsync(lease.Run, lease.Attempt, _stopped);
        }
        catch (Exception error)
        {
            // Its next report is answered with Stale or Cancel, which stops it too.
            LogStopFailed(_logger, error, lease.Run, lease.Slot);
        }
    }

    /// <summary>Finds runs that are to run but that the pool does not know: what a silo left that died between a run's write and the pool's.</summary>
    private async Task ReconcileAsync()
    {
        _reconciling = true;
        try
        {
            for (var offset = 0; ; offset += ReconcilePage)
            {
                var page = await _catalog.ListAsync(
                    new CatalogQuery(
                        CatalogKinds.TrainingRun,
                        RunRows.ActiveStatuses,
                        Offset: offset,
                        Limit: ReconcilePage
                    ),
                    _stopped
                );
                foreach (var row in page)
                    await RepairAsync(new TrainingRunId(row.Key), row.Status);
                if (page.Count < ReconcilePage)
                    return;
            }
        }
        catch (Exception error) when (!_stopped.IsCancellationRequested)
        {
            LogReconcileFailed(_logger, error);
        }
        finally
        {
            _reconciling = false;
            _reconcileAt = _time.GetUtcNow() + _options.ReconcilePeriod;
        }
    }

    private async Task RepairAsync(TrainingRunId run, string status)
    {
        if (IsInOrder(run, status))
            return;
        try
        {
            var standing = await GrainFactory
                .GetGrain<ITrainingRunRepair>(run.Value)
                .RepairAsync(_stopped);
            if (standing is null || _leasing.FindLease(run) is not null)
                return;
            if (standing.Phase is TrainingRunPhase.Queued && !_leasing.Knows(run))
            {
                LogRepaired(_logger, run, standing.Phase);
                _leasing.Enqueue(run, standing.Accelerator, standing.RequiredLabels, int.MaxValue);
                await SaveAsync();
                Kick();
            }
            else if (standing.Phase is TrainingRunPhase.Running)
            {
                LogRepaired(_logger, run, standing.Phase);
                // Fenced by the attempt's number: should the run have got a new lease meanwhile, this does nothing.
                await Run(run)
                    .EndAttemptAsync(
                        Lost(standing.Attempt, "the pool has no lease of it"),
                        _stopped
                    );
            }
        }
        catch (Exception error) when (!_stopped.IsCancellationRequested)
        {
            LogRepairFailed(_logger, error, run);
        }
    }

    private bool IsInOrder(TrainingRunId run, string status) =>
        _leasing.FindLease(run) is not null
            ? status != RunRows.Status(TrainingRunPhase.Registering)
            : _leasing.Knows(run) && status == RunRows.Status(TrainingRunPhase.Queued);

    /// <summary>Returns once everything done up to now is durable; writes that meet are made as one.</summary>
    private async Task SaveAsync()
    {
        var wanted = _leasing.Revision;
        while (_savedRevision < wanted)
        {
            if (_write is null or { IsCompleted: true })
                _write = WriteAsync();
            await _write;
        }
    }

    private async Task WriteAsync()
    {
        var revision = _leasing.Revision;
        await _state.CommitAsync(
            new TrainingPoolState
            {
                LastTicket = _leasing.LastTicket,
                LastLease = _leasing.LastLease,
                Queue = [.. _leasing.Queue],
                Leases = [.. _leasing.Leases],
            }
        );
        _savedRevision = revision;
        GrainTelemetry.Queue.Record(_leasing.Queue.Count);
        GrainTelemetry.Leases.Record(_leasing.Leases.Count);
    }

    private void LogLost(IReadOnlyList<LostLease> lost)
    {
        foreach (var (lease, reason) in lost)
        {
            GrainTelemetry.LeasesLost.Add(1);
            LogLeaseLost(_logger, lease.Run, lease.Attempt, lease.Slot, reason);
        }
    }

    private ITrainingRunGrain Run(TrainingRunId run) =>
        GrainFactory.GetGrain<ITrainingRunGrain>(run.Value);

    private static AttemptEnd Lost(int attempt, string reason) =>
        new()
        {
            Attempt = attempt,
            Outcome = AttemptOutcome.LeaseLost,
            Error = reason,
        };
}
