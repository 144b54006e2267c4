using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Sequences;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>
/// One sequence: its calls one after the other, in the order in which they came. A call is run on the sequence's version with the state,
/// then the state that it left is written, then it is answered. What fails before the write changes nothing.
/// </summary>
[GrainType("model-sequence")]
[Reentrant]
[RequireRole(SiloRoles.Serve)]
internal sealed partial class ModelSequenceGrain : Grain, IModelSequenceGrain, IRemindable
{
    private const string Expiry = "expiry";
    private static readonly TimeSpan ShortestReminder = TimeSpan.FromMinutes(1);
    private readonly DurableState<ModelSequenceState> _state;
    private readonly IModelPredictor _predictor;
    private readonly ModelSignatures _signatures;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Task _turn = Task.CompletedTask;
    private int _calls;
    private DateTimeOffset _renewedAt;
    private IGrainTimer? _expiry;

    public ModelSequenceGrain(
        [PersistentState("model-sequence", GrainStorageNames.Default)]
            IPersistentState<ModelSequenceState> state,
        IModelPredictor predictor,
        ModelSignatures signatures,
        TimeProvider time,
        ILogger<ModelSequenceGrain> logger
    )
    {
        _state = new DurableState<ModelSequenceState>(state, GrainContext, logger);
        (_predictor, _signatures, _time, _logger) = (predictor, signatures, time, logger);
    }

    private string Key => this.GetPrimaryKeyString();

    private IModelSequencesGrain Seats =>
        GrainFactory.GetGrain<IModelSequencesGrain>(SequenceKey.ModelOf(Key));

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Version is not null)
            Await(_state.Current);
        return Task.CompletedTask;
    }

    public Task<InferenceResponse> StepAsync(SequenceCall call, CancellationToken cancellationToken)
    {
        if (_calls > call.Policy.MaxWaiting)
            throw new OverloadedException(
                $"{call.Policy.MaxWaiting} calls of sequence '{call.Request.Parameters.SequenceId}' of model '{call.Version.Name}' wait already (sequences.maxWaiting); try again later."
            );
        var arrived = _time.GetTimestamp();
        return InTurnAsync(() => StepInTurnAsync(call, arrived, cancellationToken));
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => ExpireAsync();

    // The grain interleaves, so that calls that wait can be counted and refused; this keeps their order.
    private async Task<T> InTurnAsync<T>(Func<Task<T>> work)
    {
        var before = _turn;
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _turn = mine.Task;
        _calls++;
        try
        {
            await before;
            return await work();
        }
        finally
        {
            _calls--;
            mine.SetResult();
        }
    }

    private async Task<InferenceResponse> StepInTurnAsync(
        SequenceCall call,
        long arrived,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var state = _state.Current;
        var now = _time.GetUtcNow();
        var decision = SequenceRules.Decide(state, call.Policy, call.Request, now);
        switch (decision.Move)
        {
            case SequenceMove.Repeat:
                GrainTelemetry.SequenceCalls.Add(1, GrainTelemetry.Tag("result", "repeated"));
                return new InferenceResponse
                {
                    Model = state.Version!.Value.Name,
                    Version = state.Version.Value.Version,
                    Id = call.Request.Id,
                    Outputs = decision.Applied!.Outputs,
                };
            case SequenceMove.Begin:
                return await BeginAsync(call, arrived, cancellationToken);
            default:
                return await ApplyAsync(state, call, arrived, cancellationToken);
        }
    }

    private async Task<InferenceResponse> BeginAsync(
        SequenceCall call,
        long arrived,
        CancellationToken cancellationToken
    )
    {
        var policy = call.Policy;
        var signature = await _signatures.GetAsync(call.Version, cancellationToken);
        var problems = SequencePolicyChecks.Problems(policy, signature).ToList();
        if (problems.Count > 0)
            throw new ConflictException(
                $"Model version {call.Version} does not fit the model's serving policy: {string.Join(' ', problems)}"
            );
        var run = new ModelSequenceState
        {
            Version = call.Version,
            Tensors =
            [
                .. policy
                    .States.Zip(InitialState.Of(policy, signature))
                    .Select(state => new SequenceTensor
                    {
                        Output = state.First.Output,
                        Tensor = state.Second,
                    }),
            ],
        };
        await Seats.EnterAsync(Key, policy.MaxSequences, policy.IdleSeconds, cancellationToken);
        _renewedAt = _time.GetUtcNow();
        try
        {
            // Before the state, so that none is kept for ever.
            await RemindAsync(TimeSpan.FromSeconds(policy.IdleSeconds));
            return await ApplyAsync(run, call, arrived, cancellationToken);
        }
        catch
        {
            if (!_state.Current.Runs(_time.GetUtcNow()))
                Leave();
            throw;
        }
    }

    private async Task<InferenceResponse> ApplyAsync(
        ModelSequenceState run,
        SequenceCall call,
        long arrived,
        CancellationToken cancellationToken
    )
    {
        var request = call.Request;
        var version = run.Version!.Value;
        var signature = await _signatures.GetAsync(version, cancellationToken);
        var answer = await _predictor.PredictAsync(
            version,
            SequenceRules.Inner(run, call.Policy, request, Left(call, arrived)),
            cancellationToken
        );
        var shown = answer with
        {
            Id = request.Id,
            Outputs = SequenceRules.Shown(run, call.Policy, request, answer),
        };
        // From here on the call is applied or fails; its caller's patience does not count any more.
        var next = SequenceRules.Next(
            run,
            call.Policy,
            signature,
            request,
            answer,
            shown,
            _time.GetUtcNow()
        );
        if (next is { HasEnded: true, Answers: [] })
            await EndAsync("ended");
        else
            await KeepAsync(next);
        GrainTelemetry.SequenceCalls.Add(1, GrainTelemetry.Tag("result", "applied"));
        return shown;
    }

    private async Task KeepAsync(ModelSequenceState next)
    {
        await _state.CommitAsync(next);
        Await(next);
        if (next.HasEnded)
        {
            GrainTelemetry.SequencesEnded.Add(1, GrainTelemetry.Tag("reason", "ended"));
            Leave();
        }
        else if (next.UsedAt - _renewedAt > TimeSpan.FromSeconds(next.IdleSeconds / 4.0))
        {
            _renewedAt = next.UsedAt;
            Tell(seats => seats.RenewAsync(Key, next.IdleSeconds, CancellationToken.None));
        }
    }

    private async Task EndAsync(string reason)
    {
        var ran = !_state.Current.HasEnded;
        // A sequence of one call was never written.
        if (_state.Exists)
            await _state.ClearAsync();
        if (ran)
        {
            GrainTelemetry.SequencesEnded.Add(1, GrainTelemetry.Tag("reason", reason));
            Leave();
        }
        await ForgetReminderAsync();
        DeactivateOnIdle();
    }

    private Task<bool> ExpireAsync() =>
        InTurnAsync(async () =>
        {
            var state = _state.Current;
            if (state.Version is null)
            {
                await ForgetReminderAsync();
                DeactivateOnIdle();
            }
            else if (_time.GetUtcNow() < state.ExpiresAt())
            {
                Await(state);
            }
            else
            {
                await EndAsync("expired");
            }
            return true;
        });

    // What is left of the call's time after its wait for the calls before it.
    private long Left(SequenceCall call, long arrived)
    {
        var timeout = call.Request.Parameters.TimeoutMicroseconds;
        if (timeout <= 0)
            return timeout;
        var left = timeout - (long)_time.GetElapsedTime(arrived).TotalMicroseconds;
        return left > 0
            ? left
            : throw new UnavailableException(
                $"The calls before this one of sequence '{call.Request.Parameters.SequenceId}' took longer than its timeout of {timeout / 1e3:0.###} ms; it was not applied."
            );
    }

    private void Await(ModelSequenceState state)
    {
        var due = state.ExpiresAt() - _time.GetUtcNow();
        if (due < TimeSpan.Zero)
            due = TimeSpan.Zero;
        if (_expiry is null)
            _expiry = this.RegisterGrainTimer(
                _ => ExpireAsync(),
                new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan)
            );
        else
            _expiry.Change(due, Timeout.InfiniteTimeSpan);
    }

    private async Task RemindAsync(TimeSpan idle)
    {
        // One that began before with as long a life has its reminder.
        if (_state.Current.Version is not null && _state.Current.IdleSeconds == idle.TotalSeconds)
            return;
        var period = idle < ShortestReminder ? ShortestReminder : idle;
        await this.RegisterOrUpdateReminder(Expiry, period, period);
    }

    private async Task ForgetReminderAsync()
    {
        try
        {
            if (await this.GetReminder(Expiry) is { } reminder)
                await this.UnregisterReminder(reminder);
        }
        catch (Exception error)
        {
            // It comes once more, finds nothing, and is forgotten then.
            LogReminderStays(_logger, error, Key);
        }
    }

    private void Leave() => Tell(seats => seats.LeaveAsync(Key, CancellationToken.None));

    // One way: a seat that is not given back is free when its time is over.
    private void Tell(Func<IModelSequencesGrain, Task> what) => _ = what(Seats);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The reminder of sequence {Sequence}, which is over, could not be removed; it is when it comes next."
    )]
    private static partial void LogReminderStays(ILogger logger, Exception error, string sequence);
}
