using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

internal sealed partial class TrainingRunGrain
{
    private const int MaxPoints = 1_000;
    private const int MaxErrorLength = 4_000;
    private const int MaxLogLines = 50;
    private const int MaxLogLineLength = 500;

    // Older attempts keep their outcome and error, but not the worker's lines.
    private const int AttemptsWithLog = 3;

    public async Task<AttemptAssignment?> BeginAttemptAsync(
        string slot,
        string leaseId,
        CancellationToken cancellationToken
    )
    {
        var state = _state.Current;
        if (
            state.Spec is not { } spec
            || state.Phase is not (TrainingRunPhase.Queued or TrainingRunPhase.Running)
        )
            return null;
        var again = state.Phase is TrainingRunPhase.Running && state.LeaseId == leaseId;
        if (state.Phase is TrainingRunPhase.Running && !again)
        {
            state = await LoseAttemptAsync(state, "another lease began");
            if (state.Phase is not TrainingRunPhase.Queued)
                return null;
        }
        var dataset = await FindDatasetAsync(spec, cancellationToken);
        if (dataset is null)
        {
            await EndAsync(state, TrainingRunPhase.Failed, NoDataset(spec).Message);
            return null;
        }
        if (again)
            return Assignment(state, dataset);

        var number = state.Attempt + 1;
        var resume = state.Checkpoints is [.., var newest] ? newest : null;
        try
        {
            // The fence goes up before the state: from here on no older attempt writes points, whatever happens next.
            await _metrics.BeginAttemptAsync(
                Id,
                number,
                resume?.Reference.Step ?? 0,
                cancellationToken
            );
        }
        catch (StaleAttemptException error)
        {
            throw OutOfDate(error);
        }
        _elapsedSeconds = resume?.TrainingSeconds ?? 0;
        await CommitAsync(
            state with
            {
                Phase = TrainingRunPhase.Running,
                Attempt = number,
                LeaseId = leaseId,
                StartedAt = state.StartedAt ?? _time.GetUtcNow(),
                Attempts =
                [
                    .. state.Attempts.Skip(
                        Math.Max(0, state.Attempts.Count - _options.AttemptsKept + 1)
                    ),
                    new AttemptSnapshot
                    {
                        Number = number,
                        Slot = slot,
                        StartedAt = _time.GetUtcNow(),
                        FromStep = resume?.Reference.Step ?? 0,
                    },
                ],
            }
        );
        LogBegan(_logger, Id, number, slot, resume?.Reference.Step ?? 0);
        return Assignment(_state.Current, dataset);
    }

    public async Task<AttemptDirective> ReportAsync(
        AttemptReport report,
        CancellationToken cancellationToken
    )
    {
        if (report.Points.Count > MaxPoints)
            throw new InvalidInputException(
                $"run '{Id}': expected a report of at most {MaxPoints} points, got {report.Points.Count}; send the rest in another."
            );
        if (Standing(report.Attempt) is { } directive)
            return directive;
        if (
            report.Points.Count > 0
            && !await AppendAsync(report.Attempt, report.Points, cancellationToken)
        )
            return AttemptDirective.Stale;
        _progress = report.Progress;
        foreach (var point in report.Points)
            _elapsedSeconds = Math.Max(_elapsedSeconds, point.ElapsedSeconds);
        if (_time.GetUtcNow() - _progressWrittenAt >= _options.ProgressWritePeriod)
            await CommitAsync(_state.Current);
        _watchers.Publish(Snapshot, report.Points);
        return Directive();
    }

    public async Task<AttemptDirective> ReportCheckpointAsync(
        int attempt,
        CheckpointReference checkpoint,
        CancellationToken cancellationToken
    )
    {
        if (Standing(attempt) is { } directive)
            return directive;
        var state = _state.Current;
        if (
            state.Checkpoints.Any(kept =>
                kept.Reference.Artifact == checkpoint.Artifact
                && kept.Reference.Step == checkpoint.Step
            )
        )
            return Directive();
        if (checkpoint.Step < 1 || checkpoint.Bytes < 1)
            throw new InvalidInputException(
                $"run '{Id}': expected a checkpoint of a step and bytes of 1 or more, got step {checkpoint.Step}, {checkpoint.Bytes} bytes."
            );
        // References first, so that nothing that the state names can be collected; those dropped go last.
        await _references.AddAsync(Owner, [checkpoint.Artifact], cancellationToken);
        List<KeptCheckpoint> all =
        [
            .. state.Checkpoints.Where(kept => kept.Reference.Step < checkpoint.Step),
            new KeptCheckpoint
            {
                Reference = checkpoint with { CreatedAt = _time.GetUtcNow() },
                TrainingSeconds = _elapsedSeconds,
            },
        ];
        var keep = all.Skip(Math.Max(0, all.Count - state.Spec!.KeepCheckpoints)).ToList();
        var dropped = state
            .Checkpoints.Select(kept => kept.Reference.Artifact)
            .Concat(state.Dropped)
            .Except(keep.Select(kept => kept.Reference.Artifact))
            .ToList();
        await CommitAsync(state with { Checkpoints = keep, Dropped = dropped });
        if (dropped.Count > 0)
        {
            // They stay noted as dropped until the next checkpoint: should this fail, they are removed then.
            try
            {
                await _references.RemoveAsync(Owner, dropped, cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogDropFailed(_logger, error, Id);
            }
        }
        return Directive();
    }

    public async Task EndAttemptAsync(AttemptEnd end, CancellationToken cancellationToken)
    {
        if (end.Outcome is AttemptOutcome.Running or AttemptOutcome.Succeeded)
            throw new InvalidInputException(
                $"run '{Id}': an attempt that ended without a model can't be {end.Outcome}."
            );
        var state = _state.Current;
        if (
            state.Spec is null
            || state.Phase is not TrainingRunPhase.Running
            || state.Attempt != end.Attempt
        )
            return;
        state = await CloseAttemptAsync(state, end);
        await FreeSlotAsync(end.Attempt, state.Phase is TrainingRunPhase.Queued);
    }

    private async Task<TrainingRunState> LoseAttemptAsync(TrainingRunState state, string reason) =>
        await CloseAttemptAsync(
            state,
            new AttemptEnd
            {
                Attempt = state.Attempt,
                Outcome = AttemptOutcome.LeaseLost,
                Error = reason,
            }
        );

    private async Task<TrainingRunState> CloseAttemptAsync(TrainingRunState state, AttemptEnd end)
    {
        var transition = RunTransitions.AfterAttempt(
            end.Outcome,
            Cut(end.Error, MaxErrorLength),
            state.FailedAttempts,
            state.LostAttempts,
            state.CancelRequested,
            new RunFailureLimits(state.Spec!.MaxAttempts, _options.MaxLostAttempts)
        );
        GrainTelemetry.AttemptsEnded.Add(1, GrainTelemetry.Tag("outcome", end.Outcome));
        LogAttemptEnded(_logger, Id, end.Attempt, end.Outcome, transition.Next, end.Error);
        var closed = state with
        {
            FailedAttempts = transition.FailedAttempts,
            LostAttempts = transition.LostAttempts,
            LeaseId = "",
            Attempts = Close(state.Attempts, end),
            TrainingSeconds = _elapsedSeconds,
        };
        if (transition.Next is TrainingRunPhase.Queued)
            await CommitAsync(closed with { Phase = TrainingRunPhase.Queued });
        else
            await EndAsync(closed, transition.Next, transition.Error);
        return _state.Current;
    }

    private List<AttemptSnapshot> Close(IReadOnlyList<AttemptSnapshot> attempts, AttemptEnd end)
    {
        List<AttemptSnapshot> closed = [];
        for (var i = 0; i < attempts.Count; i++)
        {
            var attempt = attempts[i];
            if (attempt.Number == end.Attempt)
                attempt = attempt with
                {
                    Outcome = end.Outcome,
                    EndedAt = _time.GetUtcNow(),
                    Error = end.Error.Length == 0 ? null : Cut(end.Error, MaxErrorLength),
                    LogTail =
                    [
                        .. end
                            .LogTail.TakeLast(MaxLogLines)
                            .Select(line => Cut(line, MaxLogLineLength)),
                    ],
                };
            else if (i < attempts.Count - AttemptsWithLog && attempt.LogTail.Count > 0)
                attempt = attempt with { LogTail = [] };
            closed.Add(attempt);
        }
        return closed;
    }

    /// <summary>Tells the pool that the slot is free. Should that fail, the slot's next report tells it, or the reconciliation.</summary>
    private async Task FreeSlotAsync(int attempt, bool requeue)
    {
        var spec = _state.Current.Spec!;
        try
        {
            await GrainFactory
                .GetGrain<ITrainingPoolLeases>(ITrainingPoolGrain.Key)
                .EndLeaseAsync(
                    Id,
                    attempt,
                    requeue,
                    spec.Accelerator,
                    spec.RequiredLabels,
                    CancellationToken.None
                );
        }
        catch (Exception error)
        {
            LogFreeFailed(_logger, error, Id, attempt);
        }
    }

    /// <summary>What an attempt hears that may not write; null: it may.</summary>
    private AttemptDirective? Standing(int attempt)
    {
        var state = _state.Current;
        if (state.Spec is null || state.Attempt != attempt)
            return AttemptDirective.Stale;
        return state.Phase switch
        {
            TrainingRunPhase.Running => null,
            TrainingRunPhase.Cancelled => AttemptDirective.Cancel,
            _ => AttemptDirective.Stale,
        };
    }

    private AttemptDirective Directive() =>
        _state.Current.CancelRequested ? AttemptDirective.Cancel : AttemptDirective.Continue;

    private async Task<bool> AppendAsync(
        int attempt,
        IReadOnlyList<MetricPoint> points,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await _metrics.AppendAsync(Id, attempt, points, cancellationToken);
            return true;
        }
        catch (StaleAttemptException error)
        {
            LogFenced(_logger, error, Id, attempt);
            LetWatchersGo();
            DeactivateOnIdle();
            return false;
        }
    }

    private UnavailableException OutOfDate(StaleAttemptException error)
    {
        LogFenced(_logger, error, Id, _state.Current.Attempt + 1);
        LetWatchersGo();
        DeactivateOnIdle();
        return new UnavailableException(
            $"This activation of run '{Id}' is out of date: a newer attempt has begun; try again."
        );
    }

    private async Task<DatasetManifest?> FindDatasetAsync(
        TrainingRunSpec spec,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await HoldDatasetAsync(spec, cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
        return await Dataset(spec).GetVersionAsync(spec.Dataset.Version, cancellationToken);
    }

    private AttemptAssignment Assignment(TrainingRunState state, DatasetManifest dataset)
    {
        // The same lease again must get what it got before: the checkpoint that this attempt began from.
        var from = state.Attempts is [.., var attempt] ? attempt.FromStep : 0;
        var newest = state.Checkpoints is [.., var last] ? last : null;
        var resume =
            from == 0
                ? null
                : state.Checkpoints.FirstOrDefault(kept => kept.Reference.Step == from) ?? newest;
        return new AttemptAssignment
        {
            Run = Id,
            Attempt = state.Attempt,
            Spec = state.Spec!,
            Dataset = dataset,
            ResumeFrom = resume?.Reference,
            TrainingSecondsBefore = resume?.TrainingSeconds ?? 0,
        };
    }

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..length];
}
