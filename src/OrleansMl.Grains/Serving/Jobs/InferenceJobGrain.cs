using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>
/// A job from its submission to its result. Each chunk is referred to, then written into the state, then acknowledged, under the
/// number of the attempt: an attempt that another one has followed is refused. What a dead silo left is gone on with by the
/// next attempt, from the next chunk.
/// </summary>
[GrainType("inference-job")]
internal sealed partial class InferenceJobGrain : Grain, IInferenceJobGrain, IRemindable
{
    private const string Expiry = "expiry";
    private const int MaxError = 4_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromHours(1);
    private readonly DurableState<InferenceJobState> _state;
    private readonly CatalogPublisher _catalog;
    private readonly ICatalog _rows;
    private readonly IArtifactReferences _references;
    private readonly JobOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private TaskCompletionSource _changed = new();

    public InferenceJobGrain(
        [PersistentState("inference-job", GrainStorageNames.Default)]
            IPersistentState<InferenceJobState> state,
        ICatalog catalog,
        IArtifactReferences references,
        IOptions<JobOptions> options,
        TimeProvider time,
        ILogger<InferenceJobGrain> logger
    )
    {
        _state = new DurableState<InferenceJobState>(state, GrainContext, logger, Tell);
        _catalog = new CatalogPublisher(this, catalog, logger);
        _rows = catalog;
        _references = references;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    private string Id => this.GetPrimaryKeyString();

    private string Owner => $"job/{Id}";

    private IJobPoolGrain Pool => GrainFactory.GetGrain<IJobPoolGrain>(IJobPoolGrain.Key);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Spec is not null)
            await _catalog.PublishAsync(Row);
    }

    public override Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        Tell();
        return Task.CompletedTask;
    }

    public async Task<InferenceJobSnapshot> SubmitAsync(
        InferenceJobSpec spec,
        CancellationToken cancellationToken
    )
    {
        if (_state.Current.Spec is { } there)
        {
            if (!JobSpecs.AreSame(there, spec))
                throw new ConflictException(
                    $"Job '{Id}' was submitted with another ask; choose another id for another job."
                );
        }
        else
        {
            JobSpecs.Check(Id, spec, _options.MaxChunks);
            if (spec.Request is { } request)
                await _references.AddAsync(Owner, [request], cancellationToken);
            await HoldAsync(spec, cancellationToken);
            await CommitAsync(
                new InferenceJobState { Spec = spec, SubmittedAt = _time.GetUtcNow() }
            );
        }
        if (_state.Current.Phase is InferenceJobPhase.Queued)
        {
            // The row comes first: from then on the pool finds the job whatever dies.
            await _rows.UpsertAsync(Row().Row!, cancellationToken);
            try
            {
                await Pool.EnqueueAsync(Id, cancellationToken);
            }
            catch (OverloadedException)
            {
                await _rows.RemoveAsync(CatalogKinds.InferenceJob, Id, cancellationToken);
                await ReleaseAsync(_state.Current);
                await _state.ClearAsync();
                throw;
            }
        }
        return Snapshot();
    }

    public Task<InferenceJobSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_state.Current.Spec is null ? null : Snapshot());

    public async Task<InferenceJobSnapshot?> WaitAsync(
        long seen,
        CancellationToken cancellationToken
    )
    {
        var state = _state.Current;
        if (state.Spec is not null && state.Revision == seen && !IsEnded(state.Phase))
        {
            try
            {
                await _changed.Task.WaitAsync(LongestWait, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // As it is, then.
                return Snapshot();
            }
        }
        return await GetAsync(cancellationToken);
    }

    public async Task<InferenceJobSnapshot> CancelAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (state.Spec is null)
            throw new NotFoundException($"There is no job '{Id}'.");
        if (state.Phase is InferenceJobPhase.Queued)
            await EndAsync(state, InferenceJobPhase.Cancelled, null);
        else if (state.Phase is InferenceJobPhase.Running && !state.CancelRequested)
            await CommitAsync(state with { CancelRequested = true });
        if (state.Phase is InferenceJobPhase.Queued or InferenceJobPhase.Running)
            await Pool.RemoveAsync(Id, cancellationToken);
        return Snapshot();
    }

    public async Task<InferenceJobSnapshot?> BeginAttemptAsync(
        string silo,
        CancellationToken cancellationToken
    )
    {
        var state = _state.Current;
        if (state.Spec is null || IsEnded(state.Phase))
            return null;
        if (state.CancelRequested)
        {
            await EndAsync(state, InferenceJobPhase.Cancelled, null);
            return null;
        }
        await CommitAsync(
            state with
            {
                Phase = InferenceJobPhase.Running,
                Attempt = state.Attempt + 1,
                Silo = silo,
                StartedAt = _time.GetUtcNow(),
                ChunkAt = null,
                RowsBefore = state.Chunks.Sum(chunk => chunk.Rows),
            }
        );
        LogBegan(_logger, Id, state.Attempt + 1, silo, state.Chunks.Count);
        return Snapshot();
    }

    public async Task<AttemptDirective> ReportChunkAsync(
        int attempt,
        JobChunk chunk,
        CancellationToken cancellationToken
    )
    {
        if (Standing(attempt) is { } directive)
            return directive;
        var state = _state.Current;
        if (chunk.Index < state.Chunks.Count)
            // A repeat whose first answer was lost.
            return state.Chunks[chunk.Index] == chunk ? Directive() : AttemptDirective.Stale;
        if (chunk.Index > state.Chunks.Count)
            throw new InvalidInputException(
                $"job '{Id}': expected chunk {state.Chunks.Count}, got {chunk.Index}."
            );
        if (chunk.Artifact is { } artifact)
            await _references.AddAsync(Owner, [artifact], cancellationToken);
        await CommitAsync(
            state with
            {
                Chunks = [.. state.Chunks, chunk],
                ChunkAt = _time.GetUtcNow(),
            }
        );
        return Directive();
    }

    public async Task<AttemptDirective> CompleteAsync(
        JobResult result,
        CancellationToken cancellationToken
    )
    {
        var state = _state.Current;
        if (
            state.Phase is InferenceJobPhase.Succeeded
            && state.Attempt == result.Attempt
            && state.Result == result.Result
        )
            return AttemptDirective.Continue;
        if (Standing(result.Attempt) is { } directive)
            return directive;
        var done = state.Chunks.Sum(chunk => chunk.Rows);
        if (done != state.Spec!.Rows)
            throw new InvalidInputException(
                $"job '{Id}': expected {state.Spec.Rows} rows to be done, got {done}."
            );
        if (result.Result is { } artifact)
            await _references.AddAsync(Owner, [artifact], cancellationToken);
        await EndAsync(
            state with
            {
                Result = result.Result,
                ResultDataset = result.Dataset,
                CancelRequested = false,
            },
            InferenceJobPhase.Succeeded,
            null
        );
        return AttemptDirective.Continue;
    }

    public async Task EndAttemptAsync(JobFailure failure, CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (state.Phase is not InferenceJobPhase.Running || state.Attempt != failure.Attempt)
            return;
        var failed = state.FailedAttempts + (failure.Stopped ? 0 : 1);
        LogAttemptEnded(_logger, Id, failure.Attempt, failure.Error);
        if (state.CancelRequested)
            await EndAsync(state, InferenceJobPhase.Cancelled, null);
        else if (failure.Stopped || (failure.MayRetry && failed < _options.MaxAttempts))
        {
            await CommitAsync(
                state with
                {
                    Phase = InferenceJobPhase.Queued,
                    FailedAttempts = failed,
                    Error = failure.Stopped ? state.Error : Cut(failure.Error),
                }
            );
            await Pool.RemoveAsync(Id, cancellationToken);
            await Pool.EnqueueAsync(Id, cancellationToken);
        }
        else
            await EndAsync(state, InferenceJobPhase.Failed, Cut(failure.Error));
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var state = _state.Current;
        if (state.Spec is not null && IsEnded(state.Phase))
        {
            if (state.ExpiresAt is { } expires && expires > _time.GetUtcNow())
                return;
            await ReleaseAsync(state);
            if (state.Phase is InferenceJobPhase.Succeeded)
                await CommitAsync(
                    state with
                    {
                        Phase = InferenceJobPhase.Expired,
                        Chunks = [],
                        RowsBefore = state.Spec.Rows,
                        Result = null,
                    }
                );
        }
        if (await this.GetReminder(Expiry) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    private async Task EndAsync(InferenceJobState state, InferenceJobPhase phase, string? error)
    {
        var keep = state.Spec!.KeepFor ?? _options.KeepResults;
        var now = _time.GetUtcNow();
        // The reminder is there before the end is written, so that no result is kept for ever.
        await this.RegisterOrUpdateReminder(
            Expiry,
            keep < TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : keep,
            ExpiryPeriod
        );
        await CommitAsync(
            state with
            {
                Phase = phase,
                Error = error,
                EndedAt = now,
                ExpiresAt = now + keep,
            }
        );
        LogEnded(_logger, Id, phase, error ?? "");
        await ReleaseDatasetAsync(state);
    }

    private async Task CommitAsync(InferenceJobState next)
    {
        await _state.CommitAsync(next with { Revision = _state.Current.Revision + 1 });
        Tell();
        await _catalog.PublishAsync(Row);
    }

    private void Tell()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    private async Task HoldAsync(InferenceJobSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Dataset is { } dataset)
            await GrainFactory
                .GetGrain<IDatasetGrain>(dataset.Name)
                .HoldAsync(
                    new DatasetHold { Holder = Owner, Version = dataset.Version },
                    cancellationToken
                );
    }

    private async Task ReleaseAsync(InferenceJobState state)
    {
        await _references.ReleaseAsync(Owner, CancellationToken.None);
        await ReleaseDatasetAsync(state);
    }

    private async Task ReleaseDatasetAsync(InferenceJobState state)
    {
        if (state.Spec?.Dataset is not { } dataset)
            return;
        try
        {
            await GrainFactory
                .GetGrain<IDatasetGrain>(dataset.Name)
                .ReleaseAsync(Owner, CancellationToken.None);
        }
        catch (Exception error)
        {
            // The expiry's reminder tries again.
            LogReleaseFailed(_logger, error, Id);
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
            InferenceJobPhase.Running => null,
            InferenceJobPhase.Cancelled => AttemptDirective.Cancel,
            _ => AttemptDirective.Stale,
        };
    }

    private AttemptDirective Directive() =>
        _state.Current.CancelRequested ? AttemptDirective.Cancel : AttemptDirective.Continue;

    private InferenceJobSnapshot Snapshot()
    {
        var state = _state.Current;
        var done = Math.Max(state.Chunks.Sum(chunk => chunk.Rows), state.RowsBefore);
        var seconds = (state.ChunkAt - state.StartedAt)?.TotalSeconds ?? 0;
        return new InferenceJobSnapshot
        {
            Id = Id,
            Spec = state.Spec!,
            Phase = state.Phase,
            Revision = state.Revision,
            Attempt = state.Attempt,
            Silo = state.Silo,
            RowsDone = done,
            RowsPerSecond = seconds > 0 ? (done - state.RowsBefore) / seconds : 0,
            Chunks = state.Chunks,
            Result = state.Result,
            ResultDataset = state.ResultDataset,
            Error = state.Error,
            CancelRequested = state.CancelRequested,
            SubmittedAt = state.SubmittedAt,
            StartedAt = state.StartedAt,
            EndedAt = state.EndedAt,
            ExpiresAt = state.ExpiresAt,
        };
    }

    private CatalogChange Row() => CatalogChange.Upsert(JobSpecs.Row(Snapshot()));

    private static bool IsEnded(InferenceJobPhase phase) =>
        phase is not (InferenceJobPhase.Queued or InferenceJobPhase.Running);

    private static string Cut(string text) => text.Length <= MaxError ? text : text[..MaxError];

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Job {Job}: attempt {Attempt} began on {Silo} after {Chunks} chunks."
    )]
    private static partial void LogBegan(
        ILogger logger,
        string job,
        int attempt,
        string silo,
        int chunks
    );

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Job {Job}: attempt {Attempt} ended: {Error}"
    )]
    private static partial void LogAttemptEnded(
        ILogger logger,
        string job,
        int attempt,
        string error
    );

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} is {Phase}. {Error}")]
    private static partial void LogEnded(
        ILogger logger,
        string job,
        InferenceJobPhase phase,
        string error
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Job {Job} could not release its dataset; its expiry tries again."
    )]
    private static partial void LogReleaseFailed(ILogger logger, Exception error, string job);
}
