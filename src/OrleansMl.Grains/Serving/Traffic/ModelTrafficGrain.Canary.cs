using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Traffic;

/// <summary>
/// The canary. A move of the alias is written down before it is made, and made with a command id of the experiment, so that whatever dies in
/// between, the next activation makes it once.
/// </summary>
internal sealed partial class ModelTrafficGrain
{
    private const string ByRules = "canary";

    public async Task<TrafficSnapshot> CommandAsync(
        CanaryCommand command,
        CancellationToken cancellationToken
    )
    {
        CommandIds.Check(command.CommandId);
        await SyncAsync(cancellationToken);
        var state = _state.Current;
        if (state.Commands.Contains(command.CommandId))
            return Snapshot();
        if (state is not { Policy.Canary: { } policy, Canary: { } status } || !IsUnderWay(status))
            throw new ConflictException(
                state.Canary is { } ended
                    ? $"The canary of model '{Model}' is {ended.Phase}: {ended.Reason}."
                    : $"Model '{Model}' has no canary; set one in its serving policy."
            );
        if (command.Action != CanaryAction.RollBack && status.Phase != CanaryPhase.Running)
            throw new ConflictException(
                $"The canary of model '{Model}' is {status.Phase}: it can only be rolled back."
            );
        var move = command.Action switch
        {
            CanaryAction.Advance => status.Step + 1 < policy.Steps.Count
                ? CanaryMove.Advance
                : CanaryMove.Promote,
            CanaryAction.Promote => CanaryMove.Promote,
            CanaryAction.RollBack => CanaryMove.RollBack,
            _ => throw new InvalidInputException(
                $"action: expected advance, promote or rollBack, got {command.Action}."
            ),
        };
        await ApplyAsync(
            move,
            command.Reason.Length == 0 ? "by hand" : command.Reason,
            ChangeNotes.CallerOr(command.By),
            command.CommandId,
            cancellationToken
        );
        await FinishAsync(cancellationToken);
        return Snapshot();
    }

    private static bool IsUnderWay(CanaryStatus? canary) =>
        canary is { Phase: not (CanaryPhase.Promoted or CanaryPhase.RolledBack) };

    private static (ModelTrafficState State, string How) BeginCanary(
        ModelTrafficState state,
        CanaryPolicy policy,
        ModelSnapshot model,
        DateTimeOffset now
    )
    {
        int candidate;
        try
        {
            candidate = ModelRoutes.Resolve(model, policy.Version).Version;
        }
        catch (NotFoundException error)
        {
            return (state, $"no canary begins: {error.Message}");
        }
        if (!model.Aliases.TryGetValue(policy.Alias, out var stable) || stable == candidate)
            return (
                state,
                $"no canary begins: alias '{policy.Alias}' is at {(stable == 0 ? "no version" : $"version {stable} already")}"
            );
        return (
            state with
            {
                Canary = new CanaryStatus
                {
                    Phase = CanaryPhase.Running,
                    Stable = stable,
                    Candidate = candidate,
                    Step = 0,
                    Share = policy.Steps[0],
                    Since = now,
                    Reason = "it began",
                },
            },
            $"version {candidate} begins beside version {stable} with {policy.Steps[0]:P1} of the calls"
        );
    }

    /// <summary>Judges until there is nothing to do.</summary>
    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await FinishAsync(cancellationToken);
            if (_state.Current is not { Policy.Canary: { } policy, Canary: { } status } state)
                return;
            var stable = Arm(state.StepArms, status.Stable);
            var verdict = CanaryRules.Judge(
                policy,
                status,
                new CanaryEvidence(
                    stable.Requests >= policy.MinRequests ? stable : state.Baseline ?? stable,
                    Arm(state.StepArms, status.Candidate),
                    Outcome(status.Stable),
                    Outcome(status.Candidate)
                ),
                _time.GetUtcNow()
            );
            if (verdict.Move == CanaryMove.Hold)
                return;
            await ApplyAsync(verdict.Move, verdict.Reason, ByRules, null, cancellationToken);
        }
    }

    private async Task ApplyAsync(
        CanaryMove move,
        string reason,
        string by,
        string? commandId,
        CancellationToken cancellationToken
    )
    {
        var state = _state.Current;
        var (policy, status) = (state.Policy!.Canary!, state.Canary!);
        var now = _time.GetUtcNow();
        var stable = Arm(state.StepArms, status.Stable);
        var next = status with { Since = now, Reason = reason };
        (next, var kind) = move switch
        {
            CanaryMove.Advance => (
                next with
                {
                    Step = status.Step + 1,
                    Share = policy.Steps[status.Step + 1],
                },
                "step"
            ),
            CanaryMove.Promote => (
                next with
                {
                    Phase = CanaryPhase.Promoting,
                    Step = policy.Steps.Count,
                    Share = 1,
                },
                "promoting"
            ),
            CanaryMove.Settle => (next with { Phase = CanaryPhase.Promoted }, "settled"),
            // Before its promotion no alias moved, so that nothing is to be moved back.
            CanaryMove.RollBack when status.Phase == CanaryPhase.Running => (
                next with
                {
                    Phase = CanaryPhase.RolledBack,
                    Share = 0,
                },
                "rolled-back"
            ),
            _ => (next with { Phase = CanaryPhase.RollingBack, Share = 0 }, "rolling-back"),
        };
        var changed = state with
        {
            Canary = next,
            StepArms = [],
            Baseline = stable.Requests >= policy.MinRequests ? stable : state.Baseline,
            Commands = commandId is null
                ? state.Commands
                : [.. state.Commands.TakeLast(MaxCommands - 1), commandId],
        };
        var text =
            move == CanaryMove.Advance
                ? $"version {status.Candidate} gets {next.Share:P1} of the calls: {reason}"
                : $"version {status.Candidate}: {reason}";
        var detail = $"{Describe(status)} -> {Describe(next)}: {reason}";
        ChangeNotes.Add(detail);
        var asked = commandId is null
            ? await _audit.AskAsync(
                ByRules,
                "model.canary",
                $"model/{Model}",
                detail,
                $"canary/{Model}/{state.Experiment}/{next.Step}/{kind}",
                cancellationToken
            )
            : null;
        await _state.CommitAsync(Decided(changed, kind, text, by));
        LogDecided(_logger, Model, kind, text);
        if (asked is not null)
            await RecordAsync(_audit.DoneAsync(asked, CancellationToken.None), asked);
        await _push.SendAsync(Model);
    }

    /// <summary>Makes the move of the alias that was written down.</summary>
    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (
            state
            is not {
                Policy.Canary: { } policy,
                Canary: { Phase: CanaryPhase.Promoting or CanaryPhase.RollingBack } status
            }
        )
            return;
        var promotes = status.Phase == CanaryPhase.Promoting;
        var (from, to) = promotes
            ? (status.Stable, status.Candidate)
            : (status.Candidate, status.Stable);
        var command = $"traffic/{state.Experiment}/{(promotes ? "promote" : "roll-back")}";
        var asked = await _audit.AskAsync(
            ByRules,
            "model.alias.move",
            $"model/{Model}",
            $"{policy.Alias}: version {from} -> version {to}: {status.Reason}",
            $"model/{Model}/{command}",
            cancellationToken
        );
        CanaryPhase phase;
        var reason = status.Reason;
        try
        {
            await GrainFactory
                .GetGrain<IModelGrain>(Model)
                .MoveAliasAsync(
                    new AliasMove
                    {
                        CommandId = command,
                        Alias = policy.Alias,
                        Version = to,
                        Expected = from,
                        Reason = $"canary {(promotes ? "promoted" : "rolled back")}: {reason}",
                        By = ByRules,
                    },
                    cancellationToken
                );
            phase =
                !promotes ? CanaryPhase.RolledBack
                : policy.WatchSeconds > 0 ? CanaryPhase.Watching
                : CanaryPhase.Promoted;
            await RecordAsync(_audit.DoneAsync(asked, CancellationToken.None), asked);
        }
        catch (ConflictException error)
        {
            // Somebody moved the alias meanwhile: theirs is the last word, and the canary is over.
            phase = CanaryPhase.RolledBack;
            reason = $"alias '{policy.Alias}' was moved by somebody else: {error.Message}";
            await RecordAsync(_audit.RefusedAsync(asked, reason, CancellationToken.None), asked);
        }
        var kind = phase == CanaryPhase.RolledBack ? "rolled-back" : "promoted";
        await _state.CommitAsync(
            Decided(
                state with
                {
                    Canary = status with
                    {
                        Phase = phase,
                        Since = _time.GetUtcNow(),
                        Reason = reason,
                    },
                },
                kind,
                phase == CanaryPhase.RolledBack && promotes
                    ? reason
                    : $"alias '{policy.Alias}' moved from version {from} to {to}: {reason}",
                ByRules
            )
        );
        LogDecided(_logger, Model, kind, reason);
        await _push.SendAsync(Model);
    }

    // The change is made, whatever the log can take: it keeps "asked".
    private async Task RecordAsync(Task recording, AuditEntry asked)
    {
        try
        {
            await recording;
        }
        catch (UnavailableException error)
        {
            LogUnrecorded(_logger, asked.Request, error);
        }
    }

    private static string Describe(CanaryStatus status) =>
        $"{status.Phase} with {status.Share:P1} on version {status.Candidate}";

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The audit log could not take how {Change} ended."
    )]
    private static partial void LogUnrecorded(ILogger logger, string change, Exception error);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Canary of model {Model}: {Kind}, because {Reason}"
    )]
    private static partial void LogDecided(
        ILogger logger,
        string model,
        string kind,
        string reason
    );
}
