using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Schedules;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Schedules;

/// <summary>
/// A schedule. A reminder wakes it at its next time, and each minute after that until it has done what was due. A firing is first
/// written down, then its job is submitted under an id made of schedule and time, then that is written down: whatever dies between,
/// the next wake-up submits the same job again, which is the same job.
/// </summary>
[GrainType("batch-schedule")]
internal sealed partial class BatchScheduleGrain : Grain, IBatchScheduleGrain, IRemindable
{
    private const string Reminder = "fire";
    private const int Previewed = 5;
    private const int MaxError = 2_000;
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);
    private readonly DurableState<BatchScheduleState> _state;
    private readonly CatalogPublisher _publisher;
    private readonly ICatalog _catalog;
    private readonly ScheduledBatches _batches;
    private readonly ScheduleOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private (BatchScheduleSpec Spec, ScheduleTimes Times)? _times;

    public BatchScheduleGrain(
        [PersistentState("batch-schedule", GrainStorageNames.Default)]
            IPersistentState<BatchScheduleState> state,
        ICatalog catalog,
        ScheduledBatches batches,
        IOptions<ScheduleOptions> options,
        TimeProvider time,
        ILogger<BatchScheduleGrain> logger
    )
    {
        _state = new DurableState<BatchScheduleState>(state, GrainContext, logger);
        _publisher = new CatalogPublisher(this, catalog, logger);
        _catalog = catalog;
        _batches = batches;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    private string Name => this.GetPrimaryKeyString();

    private DateTimeOffset Now => _time.GetUtcNow();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Spec is not null)
            await _publisher.PublishAsync(Row);
    }

    public async Task<BatchScheduleSnapshot> SetAsync(
        BatchScheduleSpec spec,
        long? expected,
        CancellationToken cancellationToken
    )
    {
        var state = _state.Current;
        if (!ResourceName.IsValid(Name))
            throw new InvalidInputException(
                $"'{Name}' is not a schedule's name: expected lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit."
            );
        if (state.Spec is { } there && AreSame(there, spec))
            return Snapshot();
        if (expected is { } revision && revision != state.Revision)
            throw new ConflictException(
                $"Schedule '{Name}' has revision {state.Revision}, not {revision}: look at it again."
            );
        var problems = ScheduleChecks.Problems(Name, spec, _options.MinInterval, Now);
        if (problems.Count > 0)
            throw new InvalidInputException($"Schedule '{Name}': {string.Join(' ', problems)}");
        if (state.Spec is null)
            await RequireRoomAsync(cancellationToken);
        await CommitSpecAsync(state, spec);
        return Snapshot();
    }

    public Task<BatchScheduleSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_state.Current.Spec is null ? null : Snapshot());

    public async Task<BatchScheduleSnapshot> PauseAsync(
        bool paused,
        CancellationToken cancellationToken
    )
    {
        var state = Existing();
        if (state.Spec!.Paused != paused)
            await CommitSpecAsync(state, state.Spec with { Paused = paused });
        return Snapshot();
    }

    public async Task<ScheduleFiring> RunAsync(
        string commandId,
        CancellationToken cancellationToken
    )
    {
        CommandIds.Check(commandId);
        var state = Existing();
        var job = $"{Name}-run-{Convert.ToHexStringLower(Hash(commandId))}";
        if (Find(job) is { } known)
        {
            await AdvanceAsync(cancellationToken);
            return Find(job) ?? known;
        }
        if (state.Starting is not null)
            await StartAsync(cancellationToken);
        if (_state.Current.Starting is { } other)
            throw new UnavailableException(
                $"Schedule '{Name}': the job of the firing of {other.Due:O} is not submitted yet ({other.Error}); try again in a minute."
            );
        await DecideAsync(
            new ScheduleFiring
            {
                Due = Now,
                Outcome = FiringOutcome.Starting,
                Job = job,
                ByHand = true,
            },
            _state.Current,
            cancellationToken
        );
        await WakeAsync();
        return Find(job)!;
    }

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Spec is null)
            return;
        await _catalog.RemoveAsync(CatalogKinds.BatchSchedule, Name, cancellationToken);
        await _state.ClearAsync();
        // Nothing is lost when this fails: a reminder that finds no schedule goes.
        await SleepAsync(null);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) =>
        AdvanceAsync(CancellationToken.None);

    /// <summary>Does what is due, and says when to be woken next.</summary>
    private async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Starting is not null)
            await StartAsync(cancellationToken);
        if (
            _state.Current is { Starting: null, Waiting: { } waiting }
            && MayStart(waiting, _state.Current)
            && !await _batches.GoesOnAsync(_state.Current.Job, cancellationToken)
        )
            await DecideAsync(
                waiting with
                {
                    Outcome = FiringOutcome.Starting,
                },
                _state.Current with
                {
                    Waiting = null,
                },
                cancellationToken
            );
        if (
            _state.Current is { Spec: { Paused: false } spec, Starting: null } state
            && DueFiring.At(Times(spec), spec, state.Cursor, Now) is { } due
        )
        {
            var next = state with
            {
                Cursor = due.Cursor,
                Firings = due.Missed is { } missed ? Remember(missed) : state.Firings,
            };
            if (due.Fire is { } time)
                await DecideAsync(
                    new ScheduleFiring
                    {
                        Due = time,
                        Outcome = FiringOutcome.Starting,
                        Job = ScheduleJobs.Id(Name, time),
                    },
                    next,
                    cancellationToken
                );
            else
                await CommitAsync(next);
            Tell(due.Missed);
        }
        await WakeAsync();
    }

    /// <summary>Writes down what becomes of a firing, together with the rest of the state, and begins it.</summary>
    private async Task DecideAsync(
        ScheduleFiring firing,
        BatchScheduleState state,
        CancellationToken cancellationToken
    )
    {
        var decided = firing with { At = Now };
        if (await _batches.GoesOnAsync(state.Job, cancellationToken))
        {
            decided = state.Spec!.Overlap switch
            {
                OverlapPolicy.Cancel => decided with { Cancels = state.Job },
                OverlapPolicy.Queue when state.Waiting is null => decided with
                {
                    Outcome = FiringOutcome.Waiting,
                },
                _ => decided with
                {
                    Outcome = FiringOutcome.Overlapped,
                    Error =
                        state.Spec.Overlap is OverlapPolicy.Queue
                            ? $"job {state.Job} goes on, and the firing of {state.Waiting!.Due:O} waits already"
                            : $"job {state.Job} goes on",
                },
            };
        }
        await CommitAsync(
            decided.Outcome switch
            {
                FiringOutcome.Starting => state with { Starting = decided },
                FiringOutcome.Waiting => state with { Waiting = decided },
                _ => state with { Firings = Remember(state.Firings, decided) },
            }
        );
        if (decided.Outcome is FiringOutcome.Starting)
            await StartAsync(cancellationToken);
        else if (decided.Outcome is FiringOutcome.Overlapped)
            Tell(decided);
    }

    /// <summary>Submits the job of the firing that was written down, and writes down how that went.</summary>
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        var firing = state.Starting!;
        var ended = firing;
        try
        {
            if (firing.Cancels is { } earlier)
                await _batches.CancelAsync(earlier, cancellationToken);
            await _batches.SubmitAsync(
                firing.Job!,
                state.Spec!.Batch,
                ScheduleJobs.Submitter(Name),
                cancellationToken
            );
            ended = firing with { Outcome = FiringOutcome.Started, At = Now, Error = null };
        }
        catch (Exception error)
        {
            LogSubmitFailed(_logger, error, Name, firing.Due);
            ended = firing with
            {
                At = Now,
                Tries = firing.Tries + 1,
                Error = error.Message.Length > MaxError ? error.Message[..MaxError] : error.Message,
            };
            var forGood =
                error is InvalidInputException or NotFoundException or ConflictException
                || ended.Tries >= _options.SubmitTries;
            if (forGood)
                ended = ended with { Outcome = FiringOutcome.Failed };
        }
        if (ended.Outcome is FiringOutcome.Starting)
        {
            await CommitAsync(state with { Starting = ended });
            return;
        }
        await CommitAsync(
            state with
            {
                Starting = null,
                Job = ended.Outcome is FiringOutcome.Started ? ended.Job : state.Job,
                Firings = Remember(state.Firings, ended),
            }
        );
        if (ended is { Outcome: FiringOutcome.Started, ByHand: false })
            ScheduleTelemetry.LateSeconds.Record(
                Math.Max(0, (Now - Times(state.Spec!).Jittered(ended.Due)).TotalSeconds)
            );
        Tell(ended);
    }

    private async Task CommitSpecAsync(BatchScheduleState state, BatchScheduleSpec spec)
    {
        var old = state.Spec;
        var anew =
            old is null
            || old.Paused
            || (old.Cron, old.TimeZone, old.From, old.Until, old.Jitter)
                != (spec.Cron, spec.TimeZone, spec.From, spec.Until, spec.Jitter);
        var next = state with
        {
            Spec = spec,
            Revision = state.Revision + 1,
            CreatedAt = old is null ? Now : state.CreatedAt,
            Cursor = anew ? Now : state.Cursor,
        };
        // The reminder is there before the schedule is: what was acknowledged fires, and one without a schedule goes.
        await SleepAsync(WakeUp(next));
        await CommitAsync(next);
    }

    private async Task CommitAsync(BatchScheduleState next)
    {
        await _state.CommitAsync(next);
        await _publisher.PublishAsync(Row);
    }

    private async Task RequireRoomAsync(CancellationToken cancellationToken)
    {
        var counts = await _catalog.CountAsync(CatalogKinds.BatchSchedule, cancellationToken);
        if (counts.Values.Sum() >= _options.Limit)
            throw new OverloadedException(
                $"There are {counts.Values.Sum()} schedules, the most that may be ({ScheduleOptions.Section}:{nameof(ScheduleOptions.Limit)}): delete one."
            );
    }

    private Task WakeAsync() => SleepAsync(WakeUp(_state.Current));

    /// <summary>When the state needs a look again; null: never.</summary>
    private DateTimeOffset? WakeUp(BatchScheduleState state)
    {
        if (state.Spec is not { } spec)
            return null;
        if (state.Starting is not null || (state.Waiting is { } w && MayStart(w, state)))
            return Now + Again;
        if (spec.Paused)
            return null;
        var times = Times(spec);
        return times.After(state.Cursor) is { } due ? times.Jittered(due) : null;
    }

    private static bool MayStart(ScheduleFiring waiting, BatchScheduleState state) =>
        waiting.ByHand || state.Spec is { Paused: false };

    private async Task SleepAsync(DateTimeOffset? until)
    {
        if (until is { } time)
        {
            var sleep = time - Now;
            await this.RegisterOrUpdateReminder(
                Reminder,
                sleep < TimeSpan.Zero ? TimeSpan.Zero
                    : sleep > LongestSleep ? LongestSleep
                    : sleep,
                Again
            );
        }
        else if (await this.GetReminder(Reminder) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    private ScheduleTimes Times(BatchScheduleSpec spec)
    {
        if (_times is { } known && ReferenceEquals(known.Spec, spec))
            return known.Times;
        if (!ScheduleTimes.TryCreate(Name, spec, out var times, out var problem))
            // It could be read when it was set: this silo lacks the time zone.
            throw new UnavailableException($"Schedule '{Name}' can't be read here: {problem}");
        _times = (spec, times);
        return times;
    }

    private IReadOnlyList<ScheduleFiring> Remember(ScheduleFiring firing) =>
        Remember(_state.Current.Firings, firing);

    private IReadOnlyList<ScheduleFiring> Remember(
        IReadOnlyList<ScheduleFiring> firings,
        ScheduleFiring firing
    ) => [firing, .. firings.Take(_options.History - 1)];

    private ScheduleFiring? Find(string job)
    {
        var state = _state.Current;
        return state.Starting?.Job == job ? state.Starting
            : state.Waiting?.Job == job ? state.Waiting
            : state.Firings.FirstOrDefault(firing => firing.Job == job);
    }

    private BatchScheduleState Existing() =>
        _state.Current.Spec is null
            ? throw new NotFoundException($"There is no schedule '{Name}'.")
            : _state.Current;

    private BatchScheduleSnapshot Snapshot()
    {
        var state = _state.Current;
        var times = Times(state.Spec!);
        return new BatchScheduleSnapshot
        {
            Name = Name,
            Spec = state.Spec!,
            Revision = state.Revision,
            CreatedAt = state.CreatedAt,
            Next = state.Spec!.Paused
                ? []
                : [.. times.Next(state.Cursor, Previewed).Select(times.Jittered)],
            Job = state.Job,
            Pending = state.Starting ?? state.Waiting,
            Firings = state.Firings,
        };
    }

    private CatalogChange Row()
    {
        if (_state.Current.Spec is null)
            return new CatalogChange(CatalogKinds.BatchSchedule, Name, null);
        var schedule = Snapshot();
        return CatalogChange.Upsert(
            CatalogPublisher.Row(
                CatalogKinds.BatchSchedule,
                Name,
                schedule.Spec.Paused ? "Paused" : "Active",
                schedule.CreatedAt,
                new BatchScheduleSummary
                {
                    Name = Name,
                    Cron = schedule.Spec.Cron,
                    TimeZone = schedule.Spec.TimeZone,
                    Batch = schedule.Spec.Batch,
                    Paused = schedule.Spec.Paused,
                    LastFiring = schedule.Firings.Count > 0 ? schedule.Firings[0] : null,
                    Next = schedule.Next.Count > 0 ? schedule.Next[0] : null,
                    CreatedAt = schedule.CreatedAt,
                }
            )
        );
    }

    private void Tell(ScheduleFiring? firing)
    {
        if (firing is null)
            return;
        ScheduleTelemetry.Firings.Add(
            firing.Count,
            GrainTelemetry.Tag("outcome", firing.Outcome.ToString().ToLowerInvariant())
        );
        LogFiring(
            _logger,
            Name,
            firing.Due,
            firing.Outcome,
            firing.Job ?? "none",
            firing.Error ?? ""
        );
    }

    private static byte[] Hash(string commandId) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(commandId))[..8];

    private static bool AreSame(BatchScheduleSpec a, BatchScheduleSpec b) =>
        a.Batch.Keep.SequenceEqual(b.Batch.Keep) && Bare(a) == Bare(b);

    private static BatchScheduleSpec Bare(BatchScheduleSpec spec) =>
        spec with
        {
            SetBy = "",
            Batch = spec.Batch with { Keep = [] },
        };
}
