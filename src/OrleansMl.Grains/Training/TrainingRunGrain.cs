using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Training;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

/// <summary>
/// A run from submission to its model version. Every step is written before it is acted on, and each act may be repeated:
/// what a dying silo leaves half done is gone on with by the next call, by this grain when it wakes, or by the pool's
/// reconciliation. The run awaits the pool, the model and the dataset, none of which ever waits for a run; slots are
/// called without being awaited, because their workers report here.
/// </summary>
[GrainType("training-run")]
internal sealed partial class TrainingRunGrain : Grain, ITrainingRunGrain, ITrainingRunRepair
{
    // How often watchers of a queued run hear its place.
    private static readonly TimeSpan PositionPeriod = TimeSpan.FromSeconds(2);
    private readonly DurableState<TrainingRunState> _state;
    private readonly CatalogPublisher _catalog;
    private readonly ICatalog _rows;
    private readonly IArtifactReferences _references;
    private readonly ITrainingMetricsStore _metrics;
    private readonly TrainingRunOptions _options;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly RunWatchers _watchers;
    private TrainingProgress? _progress;
    private double _elapsedSeconds;
    private DateTimeOffset _progressWrittenAt;
    private int? _position;
    private IGrainTimer? _positionTimer;
    private IGrainTimer? _registerTimer;

    public TrainingRunGrain(
        [PersistentState("training-run", GrainStorageNames.Default)]
            IPersistentState<TrainingRunState> state,
        ICatalog catalog,
        IArtifactReferences references,
        ITrainingMetricsStore metrics,
        IOptions<TrainingRunOptions> options,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        ILogger<TrainingRunGrain> logger
    )
    {
        // An activation ends only when its last call has: watchers, who wait for events, are let go first.
        _state = new DurableState<TrainingRunState>(state, GrainContext, logger, LetWatchersGo);
        _catalog = new CatalogPublisher(this, catalog, logger);
        _rows = catalog;
        _references = references;
        _metrics = metrics;
        _options = options.Value;
        _time = time;
        _lifetime = lifetime;
        _logger = logger;
        _watchers = new RunWatchers(_options.WatcherLimit, _options.WatchBuffer);
    }

    private TrainingRunId Id => new(this.GetPrimaryKeyString());

    private string Owner => $"run/{this.GetPrimaryKeyString()}";

    private ITrainingPoolGrain Pool =>
        GrainFactory.GetGrain<ITrainingPoolGrain>(ITrainingPoolGrain.Key);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (state.Spec is null)
            return;
        _progress = state.Progress;
        _elapsedSeconds = state.TrainingSeconds;
        _progressWrittenAt = _time.GetUtcNow();
        _watchers.GoOnFrom(state.Sequence);
        await _catalog.PublishAsync(Row);
        if (state.Phase is TrainingRunPhase.Registering)
            RegisterLater(TimeSpan.Zero);
        else if (RunTransitions.IsEnded(state.Phase))
            await ReleaseDatasetAsync();
    }

    public override Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        LetWatchersGo();
        return Task.CompletedTask;
    }

    public async Task<TrainingRunSnapshot> SubmitAsync(
        TrainingRunSpec spec,
        CancellationToken cancellationToken
    )
    {
        if (_state.Current.Spec is { } there)
        {
            if (!RunSpecs.AreSame(there, spec))
                throw new ConflictException(
                    $"Run '{Id}' was submitted with another spec; choose another id for another run."
                );
            if (_state.Current.Phase is TrainingRunPhase.Queued)
                await PlaceAsync(cancellationToken);
            return await GetSnapshotAsync(cancellationToken);
        }
        RunSpecs.Check(this.GetPrimaryKeyString(), spec, _options.MaxConfigLength);
        if (await Dataset(spec).GetVersionAsync(spec.Dataset.Version, cancellationToken) is null)
            throw NoDataset(spec);
        await CommitAsync(
            new TrainingRunState
            {
                Spec = spec,
                Phase = TrainingRunPhase.Queued,
                SubmittedAt = _time.GetUtcNow(),
            }
        );
        try
        {
            await PlaceAsync(cancellationToken);
        }
        catch (Exception error) when (error is OverloadedException or NotFoundException)
        {
            // Refused: nothing of it stays.
            await Dataset(spec).ReleaseAsync(Owner, cancellationToken);
            await _rows.RemoveAsync(CatalogKinds.TrainingRun, Id.Value, cancellationToken);
            await _state.ClearAsync();
            throw;
        }
        LogSubmitted(_logger, Id, spec.Dataset, spec.Accelerator);
        return await GetSnapshotAsync(cancellationToken);
    }

    public async Task<TrainingRunSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        _state.Current.Spec is null ? null : await GetSnapshotAsync(cancellationToken);

    public async IAsyncEnumerable<TrainingEvent> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (_state.Current.Spec is null)
            throw NoRun();
        var channel = _watchers.Add();
        await using var stopping = _lifetime.ApplicationStopping.Register(() =>
            channel.Writer.TryComplete(Moving())
        );
        try
        {
            StartTellingPosition();
            var run = await GetSnapshotAsync(cancellationToken);
            yield return new TrainingEvent { Sequence = _watchers.Sequence, Run = run };
            if (RunTransitions.IsEnded(run.Phase))
                yield break;
            await foreach (var next in channel.Reader.ReadAllAsync(cancellationToken))
                yield return next;
        }
        finally
        {
            _watchers.Remove(channel);
        }
    }

    public async Task<TrainingRunSnapshot> CancelAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (state.Spec is null)
            throw NoRun();
        switch (state.Phase)
        {
            case TrainingRunPhase.Queued:
                await EndAsync(state, TrainingRunPhase.Cancelled, null);
                await Pool.RemoveAsync(Id, cancellationToken);
                break;
            case TrainingRunPhase.Running:
                if (!state.CancelRequested)
                    await CommitAsync(state with { CancelRequested = true });
                if (state.Attempts is [.., var attempt])
                    _ = StopSlotAsync(attempt.Slot, attempt.Number);
                break;
            default:
                // Ended stays ended; Registering is past the training, and its version is as good as there.
                break;
        }
        return await GetSnapshotAsync(cancellationToken);
    }

    public async Task<TrainingRunSnapshot> ResumeAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (state.Spec is not { } spec)
            throw NoRun();
        if (state.Phase is not (TrainingRunPhase.Failed or TrainingRunPhase.Cancelled))
            throw new ConflictException(
                $"Run '{Id}' is {state.Phase}; only a failed or cancelled run can be resumed."
            );
        await HoldDatasetAsync(spec, cancellationToken);
        await CommitAsync(
            state with
            {
                Phase = TrainingRunPhase.Queued,
                FailedAttempts = 0,
                LostAttempts = 0,
                Error = null,
                EndedAt = null,
                CancelRequested = false,
            }
        );
        try
        {
            await PlaceAsync(cancellationToken);
        }
        catch (OverloadedException)
        {
            await CommitAsync(state);
            await ReleaseDatasetAsync();
            throw;
        }
        return await GetSnapshotAsync(cancellationToken);
    }

    public async Task<RunStanding?> RepairAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Spec is not { } spec)
        {
            // A row without a run: its submission was refused, and the silo died while it cleared up.
            await _rows.RemoveAsync(CatalogKinds.TrainingRun, Id.Value, cancellationToken);
            return null;
        }
        if (_state.Current.Phase is TrainingRunPhase.Registering)
            await RegisterAsync(cancellationToken);
        if (_state.Current.Phase is TrainingRunPhase.Queued)
            await HoldDatasetAsync(spec, cancellationToken);
        await _catalog.PublishAsync(Row);
        return new RunStanding
        {
            Phase = _state.Current.Phase,
            Attempt = _state.Current.Attempt,
            Accelerator = spec.Accelerator,
            RequiredLabels = spec.RequiredLabels,
        };
    }

    /// <summary>Everything that makes a queued run known; each part may be repeated. The row comes first: from then on the pool finds the run whatever dies.</summary>
    private async Task PlaceAsync(CancellationToken cancellationToken)
    {
        var spec = _state.Current.Spec!;
        await _rows.UpsertAsync(Row().Row!, cancellationToken);
        await HoldDatasetAsync(spec, cancellationToken);
        await Pool.EnqueueAsync(Id, spec.Accelerator, spec.RequiredLabels, cancellationToken);
    }

    private async Task HoldDatasetAsync(
        TrainingRunSpec spec,
        CancellationToken cancellationToken
    ) =>
        await Dataset(spec)
            .HoldAsync(
                new DatasetHold { Holder = Owner, Version = spec.Dataset.Version },
                cancellationToken
            );

    /// <summary>Takes the hold back once the run needs its dataset no more; after a failure the next activation tries again.</summary>
    private async Task ReleaseDatasetAsync()
    {
        try
        {
            await Dataset(_state.Current.Spec!).ReleaseAsync(Owner, CancellationToken.None);
        }
        catch (Exception error)
        {
            LogReleaseFailed(_logger, error, Id);
        }
    }

    private async Task EndAsync(TrainingRunState state, TrainingRunPhase phase, string? error)
    {
        await CommitAsync(
            state with
            {
                Phase = phase,
                Error = error,
                EndedAt = _time.GetUtcNow(),
                Result = null,
            }
        );
        GrainTelemetry.RunsEnded.Add(1, GrainTelemetry.Tag("phase", phase));
        LogEnded(_logger, Id, phase, error ?? "");
        await ReleaseDatasetAsync();
    }

    /// <summary>Writes the state, then tells it: to the catalogue and to watchers, who are let go when the run has ended.</summary>
    private async Task CommitAsync(TrainingRunState next)
    {
        var phase = _state.Current.Phase;
        if (phase != next.Phase && !RunTransitions.MayFollow(phase, next.Phase))
            throw new InvalidOperationException(
                $"Run '{Id}' can't go from {phase} to {next.Phase}."
            );
        await _state.CommitAsync(
            next with
            {
                Progress = _progress,
                TrainingSeconds = RunTransitions.IsEnded(next.Phase)
                    ? next.TrainingSeconds
                    : _elapsedSeconds,
                Sequence = _watchers.Sequence + 1,
            }
        );
        _progressWrittenAt = _time.GetUtcNow();
        await _catalog.PublishAsync(Row);
        _watchers.Publish(Snapshot, []);
        if (RunTransitions.IsEnded(next.Phase))
            _watchers.Complete(null);
    }

    private async Task<TrainingRunSnapshot> GetSnapshotAsync(CancellationToken cancellationToken)
    {
        _position =
            _state.Current.Phase is TrainingRunPhase.Queued
                ? await Pool.GetPositionAsync(Id, cancellationToken)
                : null;
        return Snapshot();
    }

    private TrainingRunSnapshot Snapshot()
    {
        var state = _state.Current;
        return new TrainingRunSnapshot
        {
            Id = Id,
            Spec = state.Spec!,
            Phase = state.Phase,
            Attempt = state.Attempt,
            QueuePosition = state.Phase is TrainingRunPhase.Queued ? _position : null,
            Progress = _progress,
            Attempts = state.Attempts,
            Checkpoints = [.. state.Checkpoints.Select(kept => kept.Reference)],
            Evaluations = state.Evaluations,
            Version = state.Version,
            Promotion = state.Promotion,
            Error = state.Error,
            SubmittedAt = state.SubmittedAt,
            StartedAt = state.StartedAt,
            EndedAt = state.EndedAt,
            TrainingSeconds = RunTransitions.IsEnded(state.Phase)
                ? state.TrainingSeconds
                : _elapsedSeconds,
            Weights = state.Weights,
            CancelRequested = state.CancelRequested,
        };
    }

    private CatalogChange Row() => CatalogChange.Upsert(RunRows.Of(Snapshot()));

    private void StartTellingPosition()
    {
        if (_state.Current.Phase is TrainingRunPhase.Queued)
            _positionTimer ??= this.RegisterGrainTimer(
                TellPositionAsync,
                new GrainTimerCreationOptions(PositionPeriod, PositionPeriod) { Interleave = true }
            );
    }

    private async Task TellPositionAsync(CancellationToken cancellationToken)
    {
        if (!_watchers.Any || _state.Current.Phase is not TrainingRunPhase.Queued)
        {
            _positionTimer?.Dispose();
            _positionTimer = null;
            return;
        }
        var position = await Pool.GetPositionAsync(Id, cancellationToken);
        if (position == _position || _state.Current.Phase is not TrainingRunPhase.Queued)
            return;
        _position = position;
        _watchers.Publish(Snapshot, []);
    }

    private async Task StopSlotAsync(string slot, int attempt)
    {
        try
        {
            await GrainFactory
                .GetGrain<IComputeSlotGrain>(slot)
                .StopAsync(Id, attempt, CancellationToken.None);
        }
        catch (Exception error)
        {
            // The attempt's next report is answered with Cancel; without one its lease expires.
            LogStopFailed(_logger, error, Id, attempt, slot);
        }
    }

    private IDatasetGrain Dataset(TrainingRunSpec spec) =>
        GrainFactory.GetGrain<IDatasetGrain>(spec.Dataset.Name);

    private void LetWatchersGo() => _watchers.Complete(Moving());

    private UnavailableException Moving() =>
        new($"Run '{this.GetPrimaryKeyString()}' moves to another silo; watch it again.");

    private NotFoundException NoRun() => new($"There is no run '{this.GetPrimaryKeyString()}'.");

    private static NotFoundException NoDataset(TrainingRunSpec spec) =>
        new($"There is no dataset version {spec.Dataset}; import it first.");
}
